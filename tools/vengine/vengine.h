// What the files of the vengine command share.
#ifndef VENGINE_H
#define VENGINE_H

/// `vengine doctor`: prints what this machine has and what is missing. 0 when a run is possible.
int command_doctor(int argc, char **argv);

#endif
