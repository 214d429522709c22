/* SPDX-License-Identifier: MIT */
/*
 * The state tree as data: from the lists that declare the structs, a table of their fields, and
 * over it comparison, print and hash. A static assertion proves that the compiler added no padding:
 * the lists are all there is.
 */
#include <string.h>

#include "ptv/check.h"
#include "ptv/kern.h"
#include "ptv/state.h"

#define PTV_STRUCT(tag) PTV_STATIC_ASSERT(sizeof(struct ptv_##tag) == (0U
#define PTV_FIELD(tag, type, name, class_, meaning)	   +sizeof(type)
#define PTV_ARRAY(tag, type, name, count, class_, meaning) +sizeof(type) * (count)
#define PTV_SUB(tag, sub, name, meaning)		   +sizeof(struct ptv_##sub)
#define PTV_SUBS(tag, sub, name, count, meaning)	   +sizeof(struct ptv_##sub) * (count)
#define PTV_STRUCT_END(tag) ), "padding in ptv_" #tag);
#include "spec/state_hw.def"
#include "spec/state_kern.def"
#include "spec/state_check.def"
#undef PTV_STRUCT
#undef PTV_FIELD
#undef PTV_ARRAY
#undef PTV_SUB
#undef PTV_SUBS
#undef PTV_STRUCT_END

/* A row of the table below has a number of its own. */
enum {
#define PTV_STRUCT(tag)					   ROW_##tag,
#define PTV_FIELD(tag, type, name, class_, meaning)	   ROW_##tag##__##name,
#define PTV_ARRAY(tag, type, name, count, class_, meaning) ROW_##tag##__##name,
#define PTV_SUB(tag, sub, name, meaning)		   ROW_##tag##__##name,
#define PTV_SUBS(tag, sub, name, count, meaning)	   ROW_##tag##__##name,
#define PTV_STRUCT_END(tag)				   ROW_##tag##__,
#include "spec/state_hw.def"
#include "spec/state_kern.def"
#include "spec/state_check.def"
#undef PTV_STRUCT
#undef PTV_FIELD
#undef PTV_ARRAY
#undef PTV_SUB
#undef PTV_SUBS
#undef PTV_STRUCT_END
	ROWS
};

enum row_kind { ROW_STRUCT, ROW_SCALAR, ROW_SUB, ROW_END };

struct row {
	const char *name; /* of the field; of the tag in a ROW_STRUCT */
	const char *meaning;
	uint32_t offset; /* in its struct */
	uint32_t size;	 /* of one element */
	uint32_t count;
	uint16_t sub; /* ROW_SUB: number of the ROW_STRUCT */
	uint8_t kind; /* enum row_kind */
	uint8_t class_;
};

#define ROW(tag, field, meaning, size, count, sub, kind, class_) \
	{#field, meaning, offsetof(struct ptv_##tag, field), size, count, sub, kind, class_},

static const struct row table[ROWS] = {
#define PTV_STRUCT(tag_) {#tag_, "", 0, sizeof(struct ptv_##tag_), 1, 0, ROW_STRUCT, 0},
#define PTV_FIELD(tag, type, name, class_, meaning) \
	ROW(tag, name, meaning, sizeof(type), 1, 0, ROW_SCALAR, PTV_CLASS_##class_)
#define PTV_ARRAY(tag, type, name, count, class_, meaning) \
	ROW(tag, name, meaning, sizeof(type), count, 0, ROW_SCALAR, PTV_CLASS_##class_)
#define PTV_SUB(tag, sub, name, meaning) \
	ROW(tag, name, meaning, sizeof(struct ptv_##sub), 1, ROW_##sub, ROW_SUB, 0)
#define PTV_SUBS(tag, sub, name, count, meaning) \
	ROW(tag, name, meaning, sizeof(struct ptv_##sub), count, ROW_##sub, ROW_SUB, 0)
#define PTV_STRUCT_END(tag) {"", "", 0, 0, 0, 0, ROW_END, 0},
#include "spec/state_hw.def"
#include "spec/state_kern.def"
#include "spec/state_check.def"
#undef PTV_STRUCT
#undef PTV_FIELD
#undef PTV_ARRAY
#undef PTV_SUB
#undef PTV_SUBS
#undef PTV_STRUCT_END
};

static const struct row *find(const char *tag)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		if (table[i].kind == ROW_STRUCT && strcmp(table[i].name, tag) == 0)
			return &table[i];
	}
	PTV_ASSERT(!"a struct of the lists");
	return NULL;
}

static uint64_t load(const uint8_t *p, uint32_t size)
{
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;

	switch (size) {
	case 8:
		memcpy(&u64, p, 8);
		return u64;
	case 4:
		memcpy(&u32, p, 4);
		return u32;
	case 2:
		memcpy(&u16, p, 2);
		return u16;
	default:
		PTV_ASSERT(size == 1U);
		return *p;
	}
}

#define PATH_BYTES 128U

struct walk {
	void (*visit)(void *ctx, const struct ptv_field_visit *field);
	void *ctx;
	size_t differ;
	size_t length; /* of the path so far */
	char path[PATH_BYTES];
};

static void append(struct walk *walk, const char *text, size_t length)
{
	PTV_ASSERT(walk->length + length < PATH_BYTES);
	memcpy(walk->path + walk->length, text, length);
	walk->length += length;
	walk->path[walk->length] = '\0';
}

/* Appends ".name[index]": the dot unless at the start, the index where there are several. */
static void append_name(struct walk *walk, const struct row *row, uint32_t index)
{
	char digits[12];
	size_t at = sizeof(digits);

	if (walk->length)
		append(walk, ".", 1);
	append(walk, row->name, strlen(row->name));
	if (row->count == 1U)
		return;
	digits[--at] = ']';
	do {
		digits[--at] = (char)('0' + index % 10U);
		index /= 10U;
	} while (index);
	digits[--at] = '[';
	append(walk, digits + at, sizeof(digits) - at);
}

static void visit_scalar(struct walk *walk, const struct row *row, const uint8_t *a,
			 const uint8_t *b)
{
	const struct ptv_field_visit field = {
		.path = walk->path,
		.meaning = row->meaning,
		.a = load(a, row->size),
		.b = load(b, row->size),
		.class_ = (enum ptv_field_class)row->class_,
		.width_bytes = (uint8_t)row->size,
	};

	walk->differ += field.a != field.b;
	if (walk->visit)
		walk->visit(walk->ctx, &field);
}

static void visit_struct(struct walk *walk, const struct row *row, const uint8_t *a,
			 const uint8_t *b)
{
	uint32_t i;

	for (row++; row->kind != ROW_END; row++) {
		for (i = 0; i < row->count; i++) {
			const size_t offset = row->offset + (size_t)i * row->size;
			const size_t length = walk->length;

			append_name(walk, row, i);
			if (row->kind == ROW_SUB)
				visit_struct(walk, &table[row->sub], a + offset, b + offset);
			else
				visit_scalar(walk, row, a + offset, b + offset);
			walk->length = length;
			walk->path[length] = '\0';
		}
	}
}

size_t ptv_state_visit(const char *tag, const void *a, const void *b,
		       void (*visit)(void *ctx, const struct ptv_field_visit *field), void *ctx)
{
	struct walk walk = {.visit = visit, .ctx = ctx};

	visit_struct(&walk, find(tag), a, b);
	return walk.differ;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

/* A cycle: how far ahead, or that it has come or never will. */
static uint64_t relative(uint64_t cycle, uint64_t base)
{
	if (cycle == PTV_NEVER)
		return PTV_NEVER;
	return cycle > base ? cycle - base : 0U;
}

static uint64_t hash_struct(const struct row *row, const uint8_t *p, uint64_t base, uint64_t hash)
{
	uint32_t i;

	for (row++; row->kind != ROW_END; row++) {
		for (i = 0; i < row->count; i++) {
			const uint8_t *at = p + row->offset + (size_t)i * row->size;

			if (row->kind == ROW_SUB)
				hash = hash_struct(&table[row->sub], at, base, hash);
			else if (row->class_ == PTV_CLASS_KEY)
				hash = mix(hash, load(at, row->size));
			else if (row->class_ == PTV_CLASS_REL)
				hash = mix(hash, relative(load(at, row->size), base));
		}
	}
	return hash;
}

uint64_t ptv_state_hash(const char *tag, const void *p, uint64_t base_cycle)
{
	uint64_t hash = hash_struct(find(tag), p, base_cycle, UINT64_C(0x243f6a8885a308d3));

	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	return hash ^ (hash >> 32);
}
