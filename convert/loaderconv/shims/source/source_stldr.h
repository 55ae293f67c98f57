/* What the code above has to know of a stldr: slots of shim_parameters.routine, and how it is carried. */
#ifndef LOADERCONV_SOURCE_STLDR_H
#define LOADERCONV_SOURCE_STLDR_H

enum source_routine {
    ROUTINE_Init,
    ROUTINE_Write,
    ROUTINE_Read,
    ROUTINE_SectorErase,
    ROUTINE_MassErase,
};

enum source_traits {
    SOURCE_IS_INSTALLED = 1,
    SOURCE_WANTS_BLANK = 0,
    SOURCE_VERIFIES = 0, /* it has, but what it answers differs from author to author */
};

#endif
