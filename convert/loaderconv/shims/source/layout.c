/* Compiled for its debug information only: the build reads the table's layout and the routine slots from it. */
#include "source.h"

__attribute__((used)) struct shim_parameters *table;
__attribute__((used)) struct sector_run *run;
__attribute__((used)) struct install_range *range;
__attribute__((used)) enum source_routine routine;
__attribute__((used)) enum shim_flags flags;
