/* What the code above has to know of an IAR loader: slots of shim_parameters.routine, and how it is carried. */
#ifndef LOADERCONV_SOURCE_IAR_H
#define LOADERCONV_SOURCE_IAR_H

enum source_routine {
    ROUTINE_FlashInit,
    ROUTINE_FlashWrite,
    ROUTINE_FlashErase,
    ROUTINE_FlashSignoff,
};

enum source_traits {
    SOURCE_IS_INSTALLED = 1,
    SOURCE_WANTS_BLANK = 0,
    SOURCE_VERIFIES = 0,
};

#endif
