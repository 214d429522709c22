/* SPDX-License-Identifier: MIT */
#include "tests/reader/bytes.h"

#include <string.h>

#include "ptv/base.h"

void ptv_bytes_put(struct ptv_bytes *bytes, const void *data, size_t size)
{
	PTV_ASSERT(size <= sizeof(bytes->data) - bytes->size);
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
}

void ptv_bytes_ip(struct ptv_bytes *bytes, unsigned int head, uint64_t ip)
{
	uint8_t packet[7];
	unsigned int i;

	packet[0] = (uint8_t)head;
	for (i = 0; i < 6U; i++)
		packet[1U + i] = (uint8_t)(ip >> (8U * i));
	ptv_bytes_put(bytes, packet, sizeof(packet));
}

void ptv_bytes_psb(struct ptv_bytes *bytes, uint64_t ip)
{
	static const uint8_t psb[] = {0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x02,
				      0x82, 0x02, 0x82, 0x02, 0x82, 0x02, 0x82, 0x99, 0x01};
	static const uint8_t end[] = {0x02, 0x23};

	ptv_bytes_put(bytes, psb, sizeof(psb));
	if (ip != 0U)
		ptv_bytes_ip(bytes, PTV_BYTES_FUP, ip);
	ptv_bytes_put(bytes, end, sizeof(end));
}

void ptv_bytes_tnt(struct ptv_bytes *bytes, unsigned int taken)
{
	const uint8_t packet = taken ? 0x06 : 0x04;

	ptv_bytes_put(bytes, &packet, 1);
}

void ptv_bytes_pgd(struct ptv_bytes *bytes)
{
	const uint8_t packet = 0x01;

	ptv_bytes_put(bytes, &packet, 1);
}
