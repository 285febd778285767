/* The launcher: `myna` as a native program. Everything it does is in command.c, which the shared library holds as well. */
#include "command.h"

int main(int argc, char **argv) { return myna_command(argc, argv); }
