/* What the code above has to know of an FLM: slots of shim_parameters.routine, and how it is carried. */
#ifndef LOADERCONV_SOURCE_FLM_H
#define LOADERCONV_SOURCE_FLM_H

enum source_routine {
    ROUTINE_Init,
    ROUTINE_UnInit,
    ROUTINE_EraseSector,
    ROUTINE_EraseChip,
    ROUTINE_ProgramPage,
    ROUTINE_Verify,
    ROUTINE_Read,
};

enum source_traits {
    SOURCE_IS_INSTALLED = 0, /* position independent: it runs inside the new image */
    SOURCE_WANTS_BLANK = 1,
    SOURCE_VERIFIES = 1,
};

#endif
