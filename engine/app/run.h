// What the files of a run share.
#ifndef V_APP_RUN_H
#define V_APP_RUN_H

#include "app_internal.h"
#include "run_options.h"
#include "stage.h"
#include "v/timing.h"

#include <stdio.h>

typedef struct app_run {
    run_options options;
    const v_game *game;
    const v_allocator *allocator;
    v_counted_allocator *counted;
    v_log *log;
    v_config *project, *config;
    v_level *level;
    v_engine *engine;
    app_stage *stage;
    v_recorder *recorder;
    FILE *hashes;
    const char *title;
    uint64_t start_ns, wall_ns, tick_ns_total, progress_ns;
    v_timing_stats pacing;
    v_hash128 final_hash;
    // Sums over ticks, for means.
    uint64_t stage_ns_total[V_PHYSICS_STAGE_COUNT], system_ns_total[APP_SYSTEM_COUNT];
    uint64_t manifolds_total, contacts_total, pairs_total, ticks_counted;
    uint32_t manifolds_max, bodies_max;
} app_run;

void run_progress(app_run *run, uint64_t tick);
void run_progress_end(app_run *run);
void run_report_add_tick(app_run *run);
v_status run_report_write(const app_run *run, const char *path);
void run_report_print(const app_run *run);
/// `vengine replay` with parsed options; prints the verdict. Returns an exit code.
int run_replay(const run_options *options, const v_game *game);

#endif
