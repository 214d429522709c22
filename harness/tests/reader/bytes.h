/* SPDX-License-Identifier: MIT */
/* Trace bytes typed by hand, for tests: no code of the model makes them. */
#ifndef PTV_TESTS_READER_BYTES_H
#define PTV_TESTS_READER_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct ptv_bytes {
	uint8_t data[1024];
	size_t size;
};

/* First bytes of packets with an IP of 6 bytes (sign-extended). */
#define PTV_BYTES_TIP 0x6dU
#define PTV_BYTES_PGE 0x71U
#define PTV_BYTES_PGD 0x61U
#define PTV_BYTES_FUP 0x7dU

void ptv_bytes_put(struct ptv_bytes *bytes, const void *data, size_t size);
/* PSB, MODE.Exec (64-bit), FUP(ip) unless ip is 0, PSBEND: a decoder starts here. */
void ptv_bytes_psb(struct ptv_bytes *bytes, uint64_t ip);
void ptv_bytes_ip(struct ptv_bytes *bytes, unsigned int head, uint64_t ip);
/* One branch. */
void ptv_bytes_tnt(struct ptv_bytes *bytes, unsigned int taken);
/* TIP.PGD without IP. */
void ptv_bytes_pgd(struct ptv_bytes *bytes);

#endif /* PTV_TESTS_READER_BYTES_H */
