// Progress while a run goes on, the JSON report after it, and where the results lie.
#include "run.h"

#include "v/file.h"
#include "v/thread.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

// Progress: a bar on a terminal, a line for each tenth otherwise.
//
void run_progress(app_run *run, uint64_t tick)
{
    uint64_t total = run->options.ticks, now_ns = v_clock_ns();
    if (run->options.quiet || total == 0) {
        return;
    }
    double seconds = (double)(now_ns - run->start_ns) * 1e-9;
    double rate = seconds > 0.0 ? (double)tick / seconds : 0.0;
    if (isatty(STDERR_FILENO)) {
        if (now_ns - run->progress_ns > 50000000u || tick == total) {
            char bar[41];
            for (uint64_t i = 0; i < 40; i++) {
                bar[i] = i * total < tick * 40 ? '#' : '.';
            }
            bar[40] = '\0';
            fprintf(stderr, "\r[%s] %" PRIu64 "/%" PRIu64 " ticks, %.0f ticks/s ", bar, tick, total, rate);
            run->progress_ns = now_ns;
        }
    } else if (tick * 10 / total != (tick - 1) * 10 / total) {
        fprintf(stderr, "tick %" PRIu64 "/%" PRIu64 ", %.0f ticks/s\n", tick, total, rate);
    }
}

void run_progress_end(app_run *run)
{
    if (!run->options.quiet && run->options.ticks != 0 && isatty(STDERR_FILENO)) {
        fputc('\n', stderr);
    }
}

// Report.
//
void run_report_add_tick(app_run *run)
{
    v_physics_stats stats = v_physics_get_stats(run->engine->world);
    for (uint32_t i = 0; i < V_PHYSICS_STAGE_COUNT; i++) {
        run->stage_ns_total[i] += stats.stage_ns[i];
    }
    for (uint32_t i = 0; i < APP_SYSTEM_COUNT; i++) {
        run->system_ns_total[i] += run->engine->systems[i].time_ns;
    }
    run->manifolds_total += stats.manifolds;
    run->contacts_total += stats.contacts;
    run->pairs_total += stats.pairs;
    run->manifolds_max = stats.manifolds > run->manifolds_max ? stats.manifolds : run->manifolds_max;
    run->bodies_max = stats.bodies > run->bodies_max ? stats.bodies : run->bodies_max;
    run->ticks_counted++;
}

// Text with JSON's escapes.
static void put_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(file, "\\%c", *c);
        } else if (*c < 0x20) {
            fprintf(file, "\\u%04x", *c);
        } else {
            fputc(*c, file);
        }
    }
    fputc('"', file);
}

static double mean_us(uint64_t total_ns, uint64_t count)
{
    return count != 0 ? (double)total_ns * 1e-3 / (double)count : 0.0;
}

static void put_world(const app_run *run, FILE *file)
{
    v_physics_stats stats = v_physics_get_stats(run->engine->world);
    double ticks = run->ticks_counted != 0 ? (double)run->ticks_counted : 1.0;
    fprintf(file, "  \"entities\": %u,\n  \"bodies\": %u,\n  \"awake\": %u,\n", v_entity_count(run->engine->world),
            stats.bodies, stats.awake);
    fprintf(file, "  \"manifolds\": {\"last\": %u, \"mean\": %.2f, \"max\": %u},\n", stats.manifolds,
            (double)run->manifolds_total / ticks, run->manifolds_max);
    fprintf(file, "  \"contacts\": {\"last\": %u, \"mean\": %.2f},\n", stats.contacts,
            (double)run->contacts_total / ticks);
    fprintf(file, "  \"pairs_mean\": %.2f,\n  \"warm_hits\": %u,\n  \"warm_misses\": %u,\n",
            (double)run->pairs_total / ticks, stats.warm_hits, stats.warm_misses);
    fprintf(file, "  \"largest_penetration_m\": %.6g,\n", (double)stats.largest_penetration_m);
}

static void put_timings(const app_run *run, FILE *file)
{
    fprintf(file, "  \"systems_us\": {");
    for (uint32_t i = 0; i < APP_SYSTEM_COUNT; i++) {
        fprintf(file, "%s\"%s\": %.2f", i != 0 ? ", " : "", run->engine->systems[i].name,
                mean_us(run->system_ns_total[i], run->ticks_counted));
    }
    fprintf(file, "},\n  \"physics_stages_us\": {");
    for (uint32_t i = 0; i < V_PHYSICS_STAGE_COUNT; i++) {
        fprintf(file, "%s\"%s\": %.2f", i != 0 ? ", " : "", v_physics_stage_name((v_physics_stage)i),
                mean_us(run->stage_ns_total[i], run->ticks_counted));
    }
    fprintf(file, "},\n");
}

static void put_device(const app_run *run, FILE *file)
{
    if (run->stage == NULL) {
        fprintf(file, "  \"device\": null,\n");
        return;
    }
    app_stage_info info;
    app_stage_get_info(run->stage, &info);
    fprintf(file, "  \"device\": {\"name\": ");
    put_text(file, info.device);
    fprintf(file, ", \"driver\": ");
    put_text(file, info.driver);
    fprintf(file, ", \"width_px\": %u, \"height_px\": %u, \"frames\": %" PRIu64 ", \"draws\": %u, ", info.width_px,
            info.height_px, info.frames, info.draws);
    fprintf(file, "\"frame_cpu_us\": %.1f, \"frame_gpu_us\": %.1f, \"validation_messages\": %" PRIu64 "},\n",
            mean_us(info.cpu_ns_total, info.frames), mean_us(info.gpu_ns_total, info.frames), info.validation_messages);
}

v_status run_report_write(const app_run *run, const char *path)
{
    char *text = NULL, hash[33];
    size_t size_bytes = 0;
    FILE *file = open_memstream(&text, &size_bytes);
    if (file == NULL) {
        return v_fail(V_ERROR_OUT_OF_MEMORY, "out of memory for the report");
    }
    double seconds = (double)run->tick_ns_total * 1e-9;
    v_hash128_text(run->final_hash, hash);
    fprintf(file, "{\n  \"engine\": \"%s\",\n  \"title\": ", v_version());
    put_text(file, run->title);
    fprintf(file, ",\n  \"level\": ");
    put_text(file, run->level != NULL ? v_level_get_data(run->level)->name : "");
    fprintf(file, ",\n  \"seed\": %" PRIu64 ",\n  \"threads\": %u,\n  \"ticks\": %" PRIu64 ",\n", run->options.seed,
            v_jobs_worker_count(run->engine->jobs), run->ticks_counted);
    fprintf(file, "  \"final_hash\": \"%s\",\n", hash);
    fprintf(file, "  \"wall_s\": %.6f,\n  \"tick_s\": %.6f,\n  \"ticks_per_s\": %.1f,\n", (double)run->wall_ns * 1e-9,
            seconds, seconds > 0.0 ? (double)run->ticks_counted / seconds : 0.0);
    fprintf(file, "  \"frame_pacing\": {\"mean_us\": %.1f, \"p99_us\": %.1f, \"jitter_us\": %.1f},\n",
            mean_us(run->pacing.mean_ns, 1), mean_us(run->pacing.p99_ns, 1), mean_us(run->pacing.jitter_ns, 1));
    put_world(run, file);
    put_timings(run, file);
    put_device(run, file);
    v_allocation_counters memory = v_counted_allocator_read(run->counted);
    fprintf(file, "  \"memory\": {\"peak_bytes\": %" PRIu64 ", \"allocations\": %" PRIu64 "}\n}\n", memory.peak_bytes,
            memory.alloc_count);
    v_status status = fclose(file) == 0 ? v_file_write(path, text, size_bytes)
                                        : v_fail(V_ERROR_OUT_OF_MEMORY, "out of memory for the report");
    free(text);
    return status;
}

void run_report_print(const app_run *run)
{
    const run_options *options = &run->options;
    const struct {
        const char *what, *path;
    } results[] = {
        { "screenshot", options->screenshot }, { "frames", options->frames }, { "video", options->video },
        { "recording", options->record },      { "hashes", options->hashes }, { "report", options->report },
    };
    char hash[33];
    v_hash128_text(run->final_hash, hash);
    double seconds = (double)run->tick_ns_total * 1e-9;
    printf("%" PRIu64 " ticks in %.3f s (%.0f ticks/s), state hash %s\n", run->ticks_counted, seconds,
           seconds > 0.0 ? (double)run->ticks_counted / seconds : 0.0, hash);
    for (size_t i = 0; i < V_COUNT_OF(results); i++) {
        if (results[i].path != NULL) {
            printf("%-10s %s\n", results[i].what, results[i].path);
        }
    }
}
