// Level rules (scripted pushes) and the player's input: the small parts of the world.
#include "app_internal.h"

#include "v/manifest.h"

#include <assert.h>
#include <string.h>

static void write_vec3(v_writer *writer, v_vec3 value)
{
    v_write_f32(writer, value.x);
    v_write_f32(writer, value.y);
    v_write_f32(writer, value.z);
}

static v_vec3 read_vec3(v_reader *reader)
{
    float x = v_read_f32(reader), y = v_read_f32(reader), z = v_read_f32(reader);
    return v_vec3_make(x, y, z);
}

// Level rules.
//
static void rules_hash(const void *state, v_hasher *hasher)
{
    // The pushes themselves never change in a run; what does is the generator.
    const app_rules *rules = state;
    v_hasher_u64(hasher, rules->random.state);
    v_hasher_u64(hasher, rules->random.increment);
    v_hasher_u32(hasher, rules->pushes.count);
    v_hasher_u32(hasher, rules->bodies.count);
}

static void rules_save(const void *state, v_writer *writer)
{
    const app_rules *rules = state;
    v_write_u64(writer, rules->random.state);
    v_write_u64(writer, rules->random.increment);
    v_write_u32(writer, rules->bodies.count);
    for (uint32_t i = 0; i < rules->bodies.count; i++) {
        v_write_u32(writer, rules->bodies.items[i].index);
        v_write_u32(writer, rules->bodies.items[i].generation);
    }
    v_write_u32(writer, rules->pushes.count);
    for (uint32_t i = 0; i < rules->pushes.count; i++) {
        const app_push *push = &rules->pushes.items[i];
        v_write_u64(writer, push->first_tick);
        v_write_u64(writer, push->last_tick);
        v_write_u64(writer, push->every_ticks);
        write_vec3(writer, push->impulse_min_n_s);
        write_vec3(writer, push->impulse_max_n_s);
        v_write_u32(writer, push->first_body);
        v_write_u32(writer, push->body_count);
    }
}

static v_status read_rules(app_rules *rules, v_reader *reader)
{
    rules->random.state = v_read_u64(reader);
    rules->random.increment = v_read_u64(reader);
    uint32_t body_count = v_read_u32(reader);
    for (uint32_t i = 0; i < body_count && reader->status == V_OK; i++) {
        v_body body = { .index = v_read_u32(reader) };
        body.generation = v_read_u32(reader);
        V_TRY(V_ARRAY_PUSH(&rules->bodies, rules->allocator, body));
    }
    uint32_t push_count = v_read_u32(reader);
    for (uint32_t i = 0; i < push_count && reader->status == V_OK; i++) {
        app_push push = { .first_tick = v_read_u64(reader) };
        push.last_tick = v_read_u64(reader);
        push.every_ticks = v_read_u64(reader);
        push.impulse_min_n_s = read_vec3(reader);
        push.impulse_max_n_s = read_vec3(reader);
        push.first_body = v_read_u32(reader);
        push.body_count = v_read_u32(reader);
        if (reader->status == V_OK && (push.every_ticks == 0 || push.body_count == 0 || push.first_body > body_count ||
                                       push.body_count > body_count - push.first_body)) {
            return v_fail(V_ERROR_BAD_INPUT, "level rules: push %u is malformed", i);
        }
        V_TRY(V_ARRAY_PUSH(&rules->pushes, rules->allocator, push));
    }
    return reader->status;
}

static void rules_clear(app_rules *rules)
{
    V_ARRAY_DESTROY(&rules->pushes, rules->allocator);
    V_ARRAY_DESTROY(&rules->bodies, rules->allocator);
}

static v_status rules_load(void *state, v_reader *reader)
{
    app_rules *rules = state;
    app_rules fresh = { .allocator = rules->allocator };
    v_status status = read_rules(&fresh, reader);
    if (status != V_OK) {
        rules_clear(&fresh);
        return status;
    }
    rules_clear(rules);
    *rules = fresh;
    return V_OK;
}

static void rules_destroy(void *state)
{
    rules_clear(state);
}

v_status app_rules_attach(v_engine *engine)
{
    engine->rules = (app_rules){
        .allocator = engine->allocator,
        .random = v_random_seed(v_world_seed(engine->world), 0x6c6576656cull), // "level"
    };
    v_world_part part = {
        .name = "level_rules",
        .state = &engine->rules,
        .version = 1,
        .destroy = rules_destroy,
        .hash = rules_hash,
        .save = rules_save,
        .load = rules_load,
    };
    return v_world_attach(engine->world, &part);
}

// An impulse that no body of that mass can take is the level's mistake.
static v_status apply_push(v_engine *engine, uint32_t push, v_body body, v_vec3 impulse_n_s, v_vec3 point_m)
{
    v_status status = v_body_apply_impulse(engine->world, body, impulse_n_s, point_m);
    return status != V_ERROR_INVALID_ARGUMENT
               ? status
               : v_fail(V_ERROR_BAD_INPUT, "the level's push %u is too strong for its target: %s", push,
                        v_status_message());
}

v_status app_rules_tick(v_engine *engine)
{
    app_rules *rules = &engine->rules;
    uint64_t tick = v_world_tick(engine->world);
    for (uint32_t i = 0; i < rules->pushes.count; i++) {
        const app_push *push = &rules->pushes.items[i];
        if (tick < push->first_tick || tick > push->last_tick || (tick - push->first_tick) % push->every_ticks != 0) {
            continue;
        }
        uint32_t chosen = push->first_body + v_random_below(&rules->random, push->body_count);
        v_vec3 low = push->impulse_min_n_s, high = push->impulse_max_n_s;
        float x = v_random_range(&rules->random, low.x, high.x);
        float y = v_random_range(&rules->random, low.y, high.y);
        float z = v_random_range(&rules->random, low.z, high.z);
        v_body_state state;
        // A body that the game destroyed is passed over; the draws above keep the sequence the same.
        if (v_body_get_state(engine->world, rules->bodies.items[chosen], &state) == V_OK) {
            V_TRY(apply_push(engine, i, rules->bodies.items[chosen], v_vec3_make(x, y, z), state.pos_m));
        }
    }
    return V_OK;
}

// Input.
//
static void input_write(const v_input *input, v_writer *writer)
{
    v_write_f32(writer, input->move_x);
    v_write_f32(writer, input->move_y);
    v_write_f32(writer, input->look_x);
    v_write_f32(writer, input->look_y);
    v_write_u32(writer, input->buttons);
}

static bool input_is_valid(const v_input *input)
{
    const float axes[4] = { input->move_x, input->move_y, input->look_x, input->look_y };
    for (int i = 0; i < 4; i++) {
        if (!(axes[i] >= -1.0f && axes[i] <= 1.0f)) {
            return false;
        }
    }
    return true;
}

static v_status input_read(v_reader *reader, v_input *out_input)
{
    v_input input = { .move_x = v_read_f32(reader) };
    input.move_y = v_read_f32(reader);
    input.look_x = v_read_f32(reader);
    input.look_y = v_read_f32(reader);
    input.buttons = v_read_u32(reader);
    V_TRY(reader->status);
    if (!input_is_valid(&input)) {
        return v_fail(V_ERROR_BAD_INPUT, "input: an axis is outside -1..1");
    }
    *out_input = input;
    return V_OK;
}

static void input_hash(const void *state, v_hasher *hasher)
{
    v_hasher_words(hasher, state, sizeof(v_input) / 4);
}

static void input_save(const void *state, v_writer *writer)
{
    input_write(state, writer);
}

static v_status input_load(void *state, v_reader *reader)
{
    return input_read(reader, state);
}

v_status app_input_attach(v_engine *engine)
{
    static_assert(sizeof(v_input) == 20, "v_input is hashed as words");
    v_world_part part = {
        .name = "input",
        .state = &engine->input,
        .version = 1,
        .hash = input_hash,
        .save = input_save,
        .load = input_load,
    };
    return v_world_attach(engine->world, &part);
}

v_status v_engine_set_input(v_engine *engine, const v_input *input)
{
    if (engine == NULL || input == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_engine_set_input: engine and input must not be null");
    }
    if (!input_is_valid(input)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_engine_set_input: an axis is outside -1..1");
    }
    if (v_world_in_tick(engine->world)) {
        return v_fail(V_ERROR_STATE, "v_engine_set_input: called inside a tick");
    }
    engine->input = *input;
    v_writer *journal = v_world_journal_begin(engine->world);
    if (journal != NULL) {
        input_write(input, journal);
        v_world_journal_commit(engine->world, V_OP_INPUT_SET);
    }
    return V_OK;
}

v_status app_input_replay(v_engine *engine, const void *arguments, size_t size_bytes)
{
    v_reader reader = { .data = arguments, .size_bytes = size_bytes };
    v_input input;
    V_TRY(input_read(&reader, &input));
    return v_engine_set_input(engine, &input);
}
