// SPDX-License-Identifier: MIT
/* Single instructions as functions. */
#pragma once
#include <stdint.h>

typedef volatile uint32_t Word;
typedef volatile uint64_t DoubleWord;

// In line, so that nothing but the fence keeps its neighbours apart.
static inline void fence_r_r(void) { asm volatile("fence r, r" ::: "memory"); }
static inline void fence_r_w(void) { asm volatile("fence r, w" ::: "memory"); }
static inline void fence_r_rw(void) { asm volatile("fence r, rw" ::: "memory"); }
static inline void fence_w_r(void) { asm volatile("fence w, r" ::: "memory"); }
static inline void fence_w_w(void) { asm volatile("fence w, w" ::: "memory"); }
static inline void fence_rw_w(void) { asm volatile("fence rw, w" ::: "memory"); }
static inline void fence_rw_o(void) { asm volatile("fence rw, o" ::: "memory"); }
static inline void fence_rw_rw(void) { asm volatile("fence rw, rw" ::: "memory"); }
static inline void fence_rw_iorw(void) { asm volatile("fence rw, iorw" ::: "memory"); }
static inline void fence_iorw_iorw(void) { asm volatile("fence iorw, iorw" ::: "memory"); }

// These are in instructions.S.
void fence_i(void), sfence_vma_all(void), sfence_vma(uint64_t va);
void wfi(void), wrs_nto(void);

// SC gives 0 for success, an AMO what was there before.
uint32_t lr_w(Word *p), lr_w_aq(Word *p);
uint64_t lr_d_aqrl(DoubleWord *p);
uint64_t sc_w(Word *p, uint32_t x), sc_d_aqrl(DoubleWord *p, uint64_t x);
uint32_t amoadd_w(Word *p, uint32_t x), amoadd_w_rl(Word *p, uint32_t x);
uint32_t amoadd_w_aqrl(Word *p, uint32_t x), amoor_w_aq(Word *p, uint32_t x);
uint32_t amoswap_w_aq(Word *p, uint32_t x), amoswap_w_rl(Word *p, uint32_t x);
uint32_t amoswap_w_aqrl(Word *p, uint32_t x);
uint32_t amomaxu_w(Word *p, uint32_t x), amominu_w(Word *p, uint32_t x);
uint64_t amoadd_d(DoubleWord *p, uint64_t x), amoadd_d_aqrl(DoubleWord *p, uint64_t x);
uint64_t amoswap_d(DoubleWord *p, uint64_t x), amoxor_d(DoubleWord *p, uint64_t x);
uint64_t amoor_d(DoubleWord *p, uint64_t x), amoand_d(DoubleWord *p, uint64_t x);
uint32_t amocas_w(uint32_t expected, Word *p, uint32_t x);
uint64_t amocas_d(uint64_t expected, DoubleWord *p, uint64_t x);

uint64_t read_mstatus(void), read_mip(void), read_time(void);
void set_mstatus(uint64_t bits), clear_mstatus(uint64_t bits), clear_mip(uint64_t bits);
void set_mie(uint64_t bits), clear_mie(uint64_t bits), set_menvcfg(uint64_t bits);
void write_stimecmp(uint64_t value), write_satp(uint64_t value);
void write_pmpaddr0(uint64_t value), write_pmpcfg0(uint64_t value);
