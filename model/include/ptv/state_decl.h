/* SPDX-License-Identifier: MIT */
/* Declares the structs of the list PTV_STATE_FILE. Included once per list (by ptv/state.h,
 * ptv/kern.h); no guard. PTV_STATE_DECLARES is defined meanwhile: a list leaves out what a header
 * has declared already. */
#define PTV_STATE_DECLARES
#define PTV_STRUCT(tag)					   struct ptv_##tag {
#define PTV_FIELD(tag, type, name, class_, meaning)	   type name;
#define PTV_ARRAY(tag, type, name, count, class_, meaning) type name[count];
#define PTV_SUB(tag, sub, name, meaning)		   struct ptv_##sub name;
#define PTV_SUBS(tag, sub, name, count, meaning)	   struct ptv_##sub name[count];
#define PTV_STRUCT_END(tag) \
	}                   \
	;
#ifdef PTV_STATE_FILE
#include PTV_STATE_FILE
#endif
#undef PTV_STRUCT
#undef PTV_FIELD
#undef PTV_ARRAY
#undef PTV_SUB
#undef PTV_SUBS
#undef PTV_STRUCT_END
#undef PTV_STATE_FILE
#undef PTV_STATE_DECLARES
