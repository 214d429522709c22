/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What ring_buffer.c and internal.h ask for beyond kernel.h, as far as they ask. One thread that
 * interrupts nest in: atomic means plain.
 */
#ifndef PTV_LINUX_BUFFER_H
#define PTV_LINUX_BUFFER_H

#include "kernel.h"

#define EPOLLIN			  0x001
#define EPOLLRDNORM		  0x040
#define POLL_IN			  1
#define MAX_ORDER		  10
#define MAX_PAGE_ORDER		  10
#define CIRC_SPACE(h, t, size)	  (((t) - ((h) + 1)) & ((size)-1))
#define rounddown(x, n)		  ((x) - (x) % (n))
#define array_index_nospec(i, n)  (i)
#define in_atomic()		  (0)
#define interrupt_context_level() (0)
#define pagefault_disable()
#define pagefault_enable()
#define preempt_disable()
#define preempt_enable()
#define rcu_read_lock()
#define rcu_read_unlock()
#define rcu_dereference(p)		       (p)
#define spin_lock_init(l)		       ((void)(l))
#define mutex_init(m)			       ((void)(m))
#define split_page(p, order)		       ((void)0)
#define SetPagePrivate(p)		       ((p)->flags |= 1UL)
#define ClearPagePrivate(p)		       ((p)->flags &= ~1UL)
#define set_page_private(p, v)		       ((p)->private = (v))
#define __free_page(p)			       ((void)(p)) /* AUX pages are the core's */
#define kcalloc_node(n, size, gfp, node)       ptv_linux_zalloc((n) * (size))
#define __copy_from_user_inatomic(to, from, n) (memcpy((to), (from), (n)), 0UL)

#define atomic_read(a)	   ((a)->counter)
#define atomic_set(a, v)   ((a)->counter = (v))
#define atomic64_inc(a)	   ((void)(a)->counter++)
#define local_inc(l)	   ((void)(l)->a++)
#define refcount_set(r, v) ((r)->refs.counter = (v))
#define local_cmpxchg(l, old, new)            \
	({                                    \
		long was_ = (l)->a;           \
		if (was_ == (long)(old))      \
			(l)->a = (long)(new); \
		was_;                         \
	})
#define local_try_cmpxchg(l, old, new) ((l)->a = (long)(new), (void)(old), true)

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	if (r->refs.counter == 0)
		return false;
	r->refs.counter++;
	return true;
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return --r->refs.counter == 0;
}

static inline int ilog2(unsigned long n)
{
	return 63 - __builtin_clzl(n);
}

static inline int order_base_2(unsigned long n)
{
	return n > 1UL ? ilog2(n - 1UL) + 1 : 0;
}

static inline int get_order(unsigned long size)
{
	return order_base_2((size + PAGE_SIZE - 1UL) >> PAGE_SHIFT);
}

/* perf's self-IPI: perf_output_wakeup() queues it. */
void ptv_linux_irq_work(struct irq_work *work);
#define irq_work_queue(w) ptv_linux_irq_work(w)

#include "internal.h"

#endif /* PTV_LINUX_BUFFER_H */
