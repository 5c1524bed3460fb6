// v/manifest.h: every mutating call of the public simulation API, once (E35). Floor 0.
//
// Nondeterminism enters a run by one door: these calls, made outside a tick. Recorder, player and documentation are
// made from this list; a call that changes the simulation and is not listed here breaks replays.
//
//     #define PRINT(id, NAME, name, result, ...) printf("0x%04x %s\n", id, #name);
//     V_MANIFEST(PRINT)
#ifndef V_MANIFEST_H
#define V_MANIFEST_H

#include "v/base.h"

/// OP(id, NAME, name, result, arguments …), ids ascending. `result` is what the call returns: a status, or the id that
/// the player compares with the recorded one. Each argument is ARG(type, name), in the order in which it is encoded;
/// define ARG where arguments are used, it is left alone where they are not.
///
/// Encoding, little-endian, no padding: entity, body = u32 index, u32 generation; vec3 = 3 f32; quat = 4 f32 (x y z w);
/// text = u32 length and bytes; bytes = u32 size and bytes; a component's value = its fields in order of declaration;
/// columns = u32 number of components, then each as text name and bytes of `count` values, one after the other;
/// body_desc = the fields of v_body_desc with their defaults filled in, in the order of their declaration, enumerations
/// as u32 and bools as u8; input = 4 f32, u32.
#define V_MANIFEST(OP)                                                                                                 \
    OP(0x0001, ENTITY_CREATE, entity_create, entity)                                                                   \
    OP(0x0002, ENTITY_DESTROY, entity_destroy, status, ARG(entity, entity))                                            \
    OP(0x0003, COMPONENT_SET, component_set, status, ARG(entity, entity), ARG(text, component), ARG(bytes, value))     \
    OP(0x0004, COMPONENT_REMOVE, component_remove, status, ARG(entity, entity), ARG(text, component))                  \
    OP(0x0005, ENTITY_CREATE_MANY, entity_create_many, status, ARG(u32, count), ARG(columns, values))                  \
    OP(0x0006, ENTITY_SET_PARENT, entity_set_parent, status, ARG(entity, child), ARG(entity, parent))                  \
    OP(0x0007, ENTITY_SET_NAME, entity_set_name, status, ARG(entity, entity), ARG(text, name))                         \
    OP(0x0008, ENTITY_MAKE_PREFAB, entity_make_prefab, status, ARG(entity, entity))                                    \
    OP(0x0009, ENTITY_INSTANTIATE, entity_instantiate, entity, ARG(entity, prefab))                                    \
    OP(0x0101, BODY_CREATE, body_create, body, ARG(body_desc, desc))                                                   \
    OP(0x0102, BODY_DESTROY, body_destroy, status, ARG(body, body))                                                    \
    OP(0x0103, BODY_SET_POSE, body_set_pose, status, ARG(body, body), ARG(vec3, pos_m), ARG(quat, rot))                \
    OP(0x0104, BODY_SET_VELOCITY, body_set_velocity, status, ARG(body, body), ARG(vec3, velocity_m_s),                 \
       ARG(vec3, angular_velocity_rad_s))                                                                              \
    OP(0x0105, BODY_APPLY_IMPULSE, body_apply_impulse, status, ARG(body, body), ARG(vec3, impulse_n_s),                \
       ARG(vec3, point_m))                                                                                             \
    OP(0x0106, BODY_APPLY_FORCE, body_apply_force, status, ARG(body, body), ARG(vec3, force_n))                        \
    OP(0x0107, BODY_WAKE, body_wake, status, ARG(body, body))                                                          \
    OP(0x0201, INPUT_SET, engine_set_input, status, ARG(input, input))

V_EXTERN_C_BEGIN

/// Operation ids: V_OP_ENTITY_CREATE … Zero is none. Ids are never reused: recordings hold them.
typedef enum v_operation {
    V_OP_NONE = 0,
#define V_MANIFEST_ENUM(id, NAME, ...) V_OP_##NAME = (id),
    V_MANIFEST(V_MANIFEST_ENUM)
#undef V_MANIFEST_ENUM
} v_operation;

/// "body_create", or null for an id that is not listed. Static; any thread.
static inline const char *v_operation_name(uint16_t operation)
{
    switch (operation) {
#define V_MANIFEST_CASE(id, NAME, name, ...)                                                                           \
    case (id):                                                                                                         \
        return #name;
        V_MANIFEST(V_MANIFEST_CASE)
#undef V_MANIFEST_CASE
    default:
        return NULL;
    }
}

V_EXTERN_C_END
#endif
