/*
 * A loader whose code and data hold addresses of every sort that a compiler makes: literals, MOVW and MOVT, pointers in
 * initialised data, tables of functions, jump tables, calls, and a call to nothing. It never runs.
 */
#include <stdint.h>

#define ROOMY 70000

extern uint32_t __bss_start__[];
extern uint32_t __bss_end__[];
extern void nobody(void) __attribute__((weak));
void __aeabi_unwind_cpp_pr0(void);
void __aeabi_unwind_cpp_pr1(void);

typedef int (*operation)(uint32_t);

static int twice(uint32_t value) { return (int)(2 * value); }
static int thrice(uint32_t value) { return (int)(3 * value); }

static const operation operations[] = {twice, thrice};
const operation *operations_in_use = operations;

/* Larger than what 16 bits of an address tell apart. */
const uint8_t table[ROOMY] = {1, 2, 3, [ROOMY - 1] = 4};
const uint8_t *const last_of_table = &table[ROOMY - 1];

static uint32_t counters[64];
uint32_t *volatile counter_in_use = &counters[17];
static const char *const names[] = {"first", "second", "third"};

struct storage_info {
    char name[100];
    uint16_t type;
    uint32_t start_address, size, page_size;
    uint8_t erased_value;
    struct {
        uint32_t count, size;
    } groups[10];
};

__attribute__((section(".Dev_Info"), used)) const struct storage_info StorageInfo = {
    "movable", 3, 0x90000000, 0x10000, 256, 0xFF, {{16, 0x1000}}};

/* Unwind tables refer to them. */
void __aeabi_unwind_cpp_pr0(void) {}
void __aeabi_unwind_cpp_pr1(void) {}

int never_called(void) { return (int)(uintptr_t)&counters[3]; }

int Init(void) {
    for (volatile uint32_t *word = __bss_start__; word < __bss_end__; word++) {
        *word = 0;
    }
    if (nobody) {
        nobody();
    }
    return operations_in_use[counters[0] & 1](counters[1]);
}

int Write(uint32_t address, uint32_t size, const uint8_t *buffer) {
    counters[5] += buffer[0];
    counters[63] = table[size % ROOMY] + table[ROOMY - 2] + *last_of_table;
    switch (address & 7) {
        case 0: return twice(size);
        case 1: return names[0][size & 3];
        case 2: return names[1][size & 3];
        case 3: return (int)(uintptr_t)&counter_in_use;
        case 4: return (int)(uintptr_t)&counters[63];
        case 5: return (int)(uintptr_t)&table[65535];
        default: return (int)(uintptr_t)Init;
    }
}

int SectorErase(uint32_t start, uint32_t end) {
    return start < end ? Write(start, end, (const uint8_t *)names[2]) : (int)StorageInfo.size;
}
