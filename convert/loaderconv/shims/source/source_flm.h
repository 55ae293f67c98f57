/* Slots of shim_parameters.routine for an FLM. */
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

#endif
