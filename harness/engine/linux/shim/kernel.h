/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What pt.c and linux/perf_event.h of a kernel ask for, as far as they ask: included before every
 * kernel source by the build (gcc -include). The headers that they name and that are not taken from
 * the kernel are empty files, so that something missing here is an error of the compiler and never
 * a header of the host.
 *
 * Names and meanings are interfaces of Linux; the text is ours.
 */
#ifndef PTV_LINUX_KERNEL_H
#define PTV_LINUX_KERNEL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __KERNEL__		 1
#define CONFIG_PERF_EVENTS	 1
#define CONFIG_X86_64		 1
#define CONFIG_CPU_SUP_INTEL	 1
#define __BITS_PER_LONG		 64
#define BITS_PER_LONG		 64
#define __LITTLE_ENDIAN_BITFIELD 1
#define KBUILD_MODNAME		 "pt"

/* --- compiler --- */

#define __init
#define __initdata
#define __ro_after_init
#define __read_mostly
#define __user
#define __percpu
#define __rcu
#define __force
#define __weak		__attribute__((__weak__))
#define __packed	__attribute__((__packed__))
#define __always_inline inline __attribute__((__always_inline__))
#define __maybe_unused	__attribute__((__unused__))
#define __aligned(n)	__attribute__((__aligned__(n)))
#define __must_check
#define __printf(a, b)
#define fallthrough __attribute__((__fallthrough__))
#define likely(x)   (x)
#define unlikely(x) (x)
#define ____cacheline_aligned
#define __stringify_1(x...) #x
#define __stringify(x...)   __stringify_1(x)
#define __PASTE(a, b)	    a##b
#define static_assert(e, ...) _Static_assert(e, "" #e)
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#define __struct_group(TAG, NAME, ATTRS, MEMBERS...) \
	union {                                      \
		struct {                             \
			MEMBERS                      \
		} ATTRS;                             \
		struct TAG {                         \
			MEMBERS                      \
		} ATTRS NAME;                        \
	}
#define EXPORT_SYMBOL_GPL(s)
#define EXPORT_SYMBOL(s)
#define EXPORT_PER_CPU_SYMBOL(s)
#define MODULE_LICENSE(s)
#define arch_initcall(fn)            \
	int ptv_linux_initcall(void) \
	{                            \
		return fn();         \
	}

/* --- types --- */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s8 __s8;
typedef s16 __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef long ssize_t;
typedef unsigned int gfp_t;
typedef u64 phys_addr_t;
typedef u64 sector_t;
typedef long loff_t;
typedef int pid_t;
typedef unsigned short umode_t;
typedef unsigned long pgoff_t;

/* One thread of execution that interrupts nest in: plain integers are atomic enough. */
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef struct {
	long counter;
} atomic_long_t;
typedef struct {
	long a;
} local_t;
typedef struct {
	long a;
} local64_t;
typedef struct {
	atomic_t refs;
} refcount_t;

#define local_read(l)	  ((l)->a)
#define local_set(l, v)	  ((l)->a = (long)(v))
#define local_add(v, l)	  ((l)->a += (long)(v))
#define local64_read(l)	  ((l)->a)
#define local64_set(l, v) ((l)->a = (long)(v))
/* An access, whatever the compiler knows. */
#define local_xchg(l, v)                                                   \
	({                                                                 \
		long old_ = *(const volatile __typeof__((l)->a) *)&(l)->a; \
		(l)->a = (long)(v);                                        \
		old_;                                                      \
	})
#define local64_xchg local_xchg

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct rb_node {
	unsigned long word[3];
};
struct rb_root {
	struct rb_node *rb_node;
};
struct callback_head {
	void *next, *func;
};
#define rcu_head callback_head

/* What struct perf_event and its like are made of, and pt.c never touches. */
struct mutex {
	int unused;
};
typedef struct {
	int unused;
} spinlock_t, raw_spinlock_t, rwlock_t, wait_queue_head_t, seqcount_t, bpf_user_pt_regs_t;
typedef spinlock_t arch_spinlock_t;
struct irq_work {
	int unused;
};
struct hrtimer {
	int unused;
};
struct rcuwait {
	int unused;
};
struct work_struct {
	int unused;
};
struct lock_class_key {
	int unused;
};
struct static_key_false {
	int unused;
};
struct static_key_false_deferred {
	int unused;
};
struct device_private;
struct page_vma;
struct dentry;
struct vfsmount;
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct fasync_struct;
struct pid_namespace;
struct cgroup_subsys_state {
	int unused;
};
struct pt_regs {
	unsigned long ip, flags;
};
struct perf_regs {
	u64 abi;
	struct pt_regs *regs;
};
struct static_key {
	int unused;
};
typedef s64 ktime_t;
enum perf_event_task_context { perf_invalid_context = -1, perf_hw_context, perf_sw_context };
struct perf_event_context;
struct mm_struct;
struct task_struct {
	int sched_migrated;
	struct perf_event_context *perf_event_ctxp;
	struct perf_event_context *perf_event_ctxp_[2];
};
struct ftrace_ops {
	int unused;
};
struct ftrace_regs;
struct srcu_struct;
struct vm_area_struct;
struct file;
struct user_struct;
struct pmu;
struct ctl_table;
struct bpf_prog;
struct trace_event_call;
struct event_filter;
struct notifier_block;
struct vm_struct;
struct cgroup_namespace;
typedef int (*notifier_fn_t)(struct notifier_block *nb, unsigned long action, void *data);
typedef int irqreturn_t;
enum cpuid_regs_idx { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };
enum { PIDTYPE_PID };

#define DECLARE_STATIC_KEY_FALSE(name)
#define DECLARE_STATIC_CALL(name, fn)
#define static_branch_unlikely(k) (0)
#define static_branch_likely(k)	  (0)
#define static_key_false(k)	  (0)
#define static_call(name)	  name
#define static_call_cond(name)	  name

/* --- numbers --- */

#define PAGE_SHIFT		      12
#define PAGE_SIZE		      (1UL << PAGE_SHIFT)
#define PAGE_MASK		      (~(PAGE_SIZE - 1))
#define ULONG_MAX		      (~0UL)
#define U32_MAX			      ((u32)~0U)
#define U64_MAX			      ((u64)~0ULL)
#define BIT(n)			      (1UL << (n))
#define BIT_ULL(n)		      (1ULL << (n))
#define GENMASK(h, l)		      (((~0UL) << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	      (((~0ULL) << (l)) & (~0ULL >> (63 - (h))))
#define _BITUL(n)		      (1UL << (n))
#define ARRAY_SIZE(a)		      (sizeof(a) / sizeof((a)[0]))
#define PFN_DOWN(x)		      ((x) >> PAGE_SHIFT)
#define offset_in_page(p)	      ((unsigned long)(p) & ~PAGE_MASK)
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define __ffs(x)		      ((unsigned long)__builtin_ctzl((unsigned long)(x)))
#define round_up(x, n)		      ((((x)-1) | ((__typeof__(x))((n)-1))) + 1)
#define list_empty(h)		      ((h)->next == (h))
#define perfmon_capable()	      (1)
#define security_perf_event_open(...) (0)
#define CALLER_ADDR0		      0UL
#define min(a, b)		      ((a) < (b) ? (a) : (b))
#define max(a, b)		      ((a) > (b) ? (a) : (b))
#define min_t(t, a, b)		      ((t)(a) < (t)(b) ? (t)(a) : (t)(b))

#define EPERM	   1
#define ENOENT	   2
#define EAGAIN	   11
#define ENOMEM	   12
#define EFAULT	   14
#define EACCES	   13
#define EBUSY	   16
#define ENODEV	   19
#define EINVAL	   22
#define ENOSPC	   28
#define EOPNOTSUPP 95
#define ENOTSUPP   524

/* --- lists --- */

#define list_entry(p, type, member)	  container_of(p, type, member)
#define list_first_entry(h, type, member) list_entry((h)->next, type, member)
#define list_prev_entry(p, member)	  list_entry((p)->member.prev, typeof(*(p)), member)
#define list_next_entry(p, member)	  list_entry((p)->member.next, typeof(*(p)), member)
#define list_for_each_entry(p, h, member)                                    \
	for (p = list_first_entry(h, typeof(*p), member); &p->member != (h); \
	     p = list_next_entry(p, member))
#define list_for_each_entry_safe(p, n, h, member)                                         \
	for (p = list_first_entry(h, typeof(*p), member), n = list_next_entry(p, member); \
	     &p->member != (h); p = n, n = list_next_entry(n, member))

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

/* --- CPUs --- */

/* Of the CPU that runs the driver: state.c unpacks its variables when another one does. */
#define DEFINE_PER_CPU(type, name)  __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define this_cpu_ptr(p)		    (p)
#define raw_smp_processor_id()	    (ptv_linux_this_cpu)
#define smp_processor_id()	    (ptv_linux_this_cpu)
#define cpu_to_node(cpu)	    (0)
#define for_each_online_cpu(cpu)    for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define cpus_read_lock()
#define cpus_read_unlock()

extern int ptv_linux_this_cpu;

struct cpuinfo_x86 {
	int cpuid_level;
	u8 x86_model;
	u8 x86_virt_bits;
	u32 x86_vfm;
};
extern struct cpuinfo_x86 boot_cpu_data;

#define X86_FEATURE_INTEL_PT		1
#define X86_FEATURE_VMX			2
#define boot_cpu_has(f)			(1)
#define X86_VENDOR_INTEL		0
#define VFM_MAKE(vendor, family, model) ((u32)((vendor) << 16 | (family) << 8 | (model)))
#define __is_canonical_address(a, bits) \
	((u64)((s64)((u64)(a) << (64 - (bits))) >> (64 - (bits))) == (u64)(a))

static inline void cpuid(unsigned int leaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	(void)leaf;
	*a = *b = *c = *d = 0;
}
void ptv_linux_cpuid(unsigned int leaf, unsigned int subleaf, u32 reg[4]);
#define cpuid_count(leaf, sub, a, b, c, d)                      \
	do {                                                    \
		u32 reg_[4];                                    \
		ptv_linux_cpuid((leaf), (unsigned)(sub), reg_); \
		*(a) = reg_[0], *(b) = reg_[1];                 \
		*(c) = reg_[2], *(d) = reg_[3];                 \
	} while (0)

/* --- the machine --- */

/* `function` and the MSR are the words of the points' label; *label, if label is not NULL, keeps
 * it. */
u64 ptv_linux_rdmsr(const char **label, const char *function, u32 msr);
void ptv_linux_wrmsr(const char **label, const char *function, u32 msr, u64 value);
int ptv_linux_rdmsr_boot(u32 msr, u64 *value);
unsigned long ptv_linux_irq_save(void);
void ptv_linux_irq_restore(unsigned long flags);
void ptv_linux_fence(void);
/* A WARN_ON() in a source. */
struct ptv_linux_warning {
	unsigned int number; /* PTV_WARN_LINE less */
	int line;
	const char *file, *condition;
};
void ptv_linux_warn(const struct ptv_linux_warning *warning);
#define PTV_LINUX_WARN_LINE __LINE__
void ptv_linux_bug(void) __attribute__((__noreturn__));
void *ptv_linux_memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);

/* Where the label of an access to an MSR is kept if it is always the same one, else NULL. */
#define PTV_LINUX_LABEL(msr)                                \
	({                                                  \
		static const char *label_;                  \
		__builtin_constant_p(msr) ? &label_ : NULL; \
	})
#define rdmsrl(msr, value) ((value) = ptv_linux_rdmsr(PTV_LINUX_LABEL(msr), __func__, (msr)))
#define wrmsrl(msr, value) ptv_linux_wrmsr(PTV_LINUX_LABEL(msr), __func__, (msr), (value))

#define rdmsrq				rdmsrl
#define wrmsrq				wrmsrl
#define rdmsrl_safe_on_cpu(cpu, msr, p) ptv_linux_rdmsr_boot((msr), (p))
#define rdmsrq_safe_on_cpu		rdmsrl_safe_on_cpu
#define local_irq_save(flags)		((flags) = ptv_linux_irq_save())
#define local_irq_restore(flags)	ptv_linux_irq_restore(flags)
#define barrier()			__asm__ __volatile__("" : : : "memory")
#define cpu_relax()			barrier()
#define wmb()				ptv_linux_fence()
#define smp_wmb()			ptv_linux_fence()
#define smp_mb()			ptv_linux_fence()
#define READ_ONCE(x)			(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)		(*(volatile __typeof__(x) *)&(x) = (v))
/* What is read before and after is read twice, and a point twice. */
#define WARN_ON_ONCE(c)                                                                            \
	({                                                                                         \
		static const struct ptv_linux_warning warning_                                     \
			__attribute__((__section__("ptv_linux_warnings"),                          \
				       __used__)) = {PTV_LINUX_WARN_LINE, __LINE__, __FILE__, #c}; \
		const bool warns_ = !!(c);                                                         \
		barrier();                                                                         \
		if (warns_)                                                                        \
			ptv_linux_warn(&warning_);                                                 \
		warns_;                                                                            \
	})
#define WARN_ON WARN_ON_ONCE
#define BUG_ON(c)                        \
	do {                             \
		if (c)                   \
			ptv_linux_bug(); \
	} while (0)
#define memset ptv_linux_memset

/* --- memory --- */

struct page {
	unsigned long flags;
	unsigned long private;
	void *mapping;
};

#define GFP_KERNEL    0U
#define __GFP_ZERO    1U
#define __GFP_NOWARN  2U
#define __GFP_NORETRY 4U

void *ptv_linux_zalloc(size_t size);
void ptv_linux_free(const void *p);
struct page *ptv_linux_alloc_pages(unsigned int order);
void ptv_linux_free_page(unsigned long address);
struct page *ptv_linux_page(phys_addr_t address);
phys_addr_t ptv_linux_page_to_phys(const struct page *page);
phys_addr_t ptv_linux_virt_to_phys(const void *p);
void *ptv_linux_phys_to_virt(phys_addr_t address);

#define kzalloc(size, gfp)		   ptv_linux_zalloc(size)
#define kzalloc_node(size, gfp, node)	   ptv_linux_zalloc(size)
#define kfree(p)			   ptv_linux_free(p)
#define alloc_pages_node(node, gfp, order) ptv_linux_alloc_pages(order)
#define free_page(address)		   ptv_linux_free_page(address)
#define virt_to_phys(p)			   ptv_linux_virt_to_phys((const void *)(p))
#define phys_to_virt(a)			   ptv_linux_phys_to_virt(a)
#define virt_to_page(p)			   ptv_linux_page(virt_to_phys(p))
#define page_to_phys(page)		   ptv_linux_page_to_phys(page)
#define page_address(page)		   phys_to_virt(page_to_phys(page))
#define PagePrivate(page)		   ((page)->flags & 1UL)
#define page_private(page)		   ((page)->private)

/* --- printing, sysfs --- */

int ptv_linux_print(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
#define pr_debug(...)		((void)(0 && ptv_linux_print(__VA_ARGS__)))
#define pr_warn(...)		((void)ptv_linux_print(__VA_ARGS__))
#define pr_err_ratelimited(...) ((void)ptv_linux_print(__VA_ARGS__))
#define snprintf(to, size, ...) ((void)(to), ptv_linux_print(__VA_ARGS__))
#define sprintf(to, ...)	((void)(to), ptv_linux_print(__VA_ARGS__))

struct device;
struct attribute {
	const char *name;
	umode_t mode;
};
struct bin_attribute;
struct kobject;
struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};
struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
};
struct dev_ext_attribute {
	struct device_attribute attr;
	void *var;
};
#define S_IRUGO		   0444
#define sysfs_attr_init(a) ((void)(a))
#define __ATTR_RO(n)                                                 \
	{                                                            \
		.attr = {.name = #n, .mode = 0444}, .show = n##_show \
	}
#define __ATTR(n, m, s, t)                                                   \
	{                                                                    \
		.attr = {.name = #n, .mode = (m)}, .show = (s), .store = (t) \
	}

#include <asm/intel-family.h>
#include <asm/msr-index.h>
#include <linux/perf_event.h>

/* --- perf core --- */

#define x86_lbr_exclusive_pt	0
#define x86_add_exclusive(what) (0)
#define x86_del_exclusive(what) ((void)0)

#endif /* PTV_LINUX_KERNEL_H */
