// SPDX-License-Identifier: MIT
/* qom: lazy classes, the order of initialisation, properties, the tree. */
#include <string>

#include <gtest/gtest.h>

#include "qom/object.h"
#include "util/error.h"
#include "util/module.h"

static std::string events;

// --- a family of three: base (abstract) <- middle <- leaf

struct BaseClass : ObjectClass {
    using Parent = ObjectClass;
    int number = 0;
    std::string name = "none";
};
struct MiddleClass : BaseClass {
    using Parent = BaseClass;
    int more = 7;
};
struct Leaf : Object {
    Object *friend_ = nullptr;
    ~Leaf() override { events += "~"; }
};

static void base_class_init(ObjectClass *klass, const void *) {
    events += "B";
    object_class_cast<BaseClass>(klass)->number = 1;
}
static void base_class_base_init(ObjectClass *klass, const void *) {
    events += "b";
    object_class_cast<BaseClass>(klass)->name = "fresh"; // never inherited
}
static void middle_class_init(ObjectClass *klass, const void *) {
    events += "M";
    object_class_cast<MiddleClass>(klass)->name = "middle";
}
static void leaf_class_init(ObjectClass *klass, const void *data) {
    events += "L";
    object_class_cast<MiddleClass>(klass)->more += *static_cast<const int *>(data);
}

static void base_init(Object *) { events += "1"; }
static void middle_init(Object *) { events += "2"; }
static void leaf_init(Object *) { events += "3"; }
static void base_post_init(Object *) { events += "x"; }
static void leaf_post_init(Object *) { events += "z"; }
static void base_finalize(Object *) { events += "p"; }
static void leaf_finalize(Object *) { events += "q"; }

static const int leaf_data = 5;
static const TypeInfo base_info = { .name = "test-base",
                                    .parent = TYPE_OBJECT,
                                    .instance_init = base_init,
                                    .instance_post_init = base_post_init,
                                    .instance_finalize = base_finalize,
                                    .abstract = true,
                                    .class_new = object_class_new<BaseClass>,
                                    .class_base_init = base_class_base_init,
                                    .class_init = base_class_init };
static const TypeInfo middle_info = { .name = "test-middle",
                                      .parent = "test-base",
                                      .instance_new = object_instance_new<Leaf>,
                                      .instance_init = middle_init,
                                      .class_new = object_class_new<MiddleClass>,
                                      .class_init = middle_class_init };
static const TypeInfo leaf_info = { .name = "test-leaf",
                                    .parent = "test-middle",
                                    .instance_new = object_instance_new<Leaf>,
                                    .instance_init = leaf_init,
                                    .instance_post_init = leaf_post_init,
                                    .instance_finalize = leaf_finalize,
                                    .class_init = leaf_class_init,
                                    .class_data = &leaf_data };

struct Qom : testing::Test {
    static void SetUpTestSuite() {
        module_call_init(MODULE_INIT_QOM);
        if (type_get_by_name("test-leaf")) return;
        // the child before its parents: a parent is only a name until first use
        type_register_static(&leaf_info);
        type_register_static(&middle_info);
        type_register_static(&base_info);
    }
    void SetUp() override { events.clear(); }
};

TEST_F(Qom, ClassesAreMadeAtFirstUseParentFirst) {
    EXPECT_FALSE(type_is_initialized(type_get_by_name("test-leaf")));
    object_class_by_name("test-leaf");
    EXPECT_EQ(events, "BbMbL") << "each class_init behind its ancestors' class_base_init";
    object_class_by_name("test-leaf");
    EXPECT_EQ(events, "BbMbL") << "once";
}

TEST_F(Qom, AClassStartsAsItsParentsCopy) {
    auto *leaf = static_cast<MiddleClass *>(object_class_by_name("test-leaf"));
    auto *middle = static_cast<MiddleClass *>(object_class_by_name("test-middle"));
    EXPECT_EQ(leaf->number, 1) << "the base's";
    EXPECT_EQ(leaf->more, 12) << "the middle's 7 and its own 5";
    EXPECT_EQ(middle->more, 7) << "a child's class does not reach its parent's";
    EXPECT_EQ(middle->name, "middle");
    EXPECT_EQ(leaf->name, "fresh") << "class_base_init runs for each descendant";
}

TEST_F(Qom, InstancesStartAtTheRootAndEndAtTheLeaf) {
    object_class_by_name("test-leaf");
    events.clear();
    Object *obj = object_new("test-leaf");
    EXPECT_EQ(events, "123zx") << "init from parent to child, post_init from child to parent";
    events.clear();
    object_unref(obj);
    EXPECT_EQ(events, "qp~") << "finalize from child to parent, then C++";
}

TEST_F(Qom, CastsFollowTheTypes) {
    Object *obj = object_new("test-leaf");
    EXPECT_TRUE(object_is_a(obj, "test-base"));
    EXPECT_TRUE(object_is_a(obj, TYPE_OBJECT));
    EXPECT_FALSE(object_is_a(obj, TYPE_CONTAINER));
    EXPECT_EQ(object_dynamic_cast(obj, TYPE_CONTAINER), nullptr);
    EXPECT_EQ(object_dynamic_cast(obj, "no-such-type"), nullptr);
    EXPECT_DEATH(object_dynamic_cast_assert(obj, TYPE_CONTAINER), "is not an instance");
    object_unref(obj);
}

TEST_F(Qom, ListsAreSortedAndLeaveAbstractOnesOut) {
    std::vector<ObjectClass *> list = object_class_get_list("test-base", false);
    ASSERT_EQ(list.size(), 2u);
    EXPECT_STREQ(object_class_get_name(list[0]), "test-leaf");
    EXPECT_STREQ(object_class_get_name(list[1]), "test-middle");
    EXPECT_EQ(object_class_get_list("test-base", true).size(), 3u);
    EXPECT_TRUE(object_class_get_list("no-such-type", true).empty());
}

TEST_F(Qom, ADuplicateTypeAborts) {
    EXPECT_DEATH(type_register_static(&leaf_info), "Registering `test-leaf' which already exists");
}

TEST_F(Qom, AMissingParentAborts) {
    static const TypeInfo orphan = { .name = "test-orphan", .parent = "nobody" };
    EXPECT_DEATH(
        {
            type_register_static(&orphan);
            object_class_by_name("test-orphan");
        },
        "is missing its parent 'nobody'");
}

// --- properties and the tree

static std::string property_error(Object *obj, const char *name, const std::string &value) {
    Error *err = nullptr;
    if (object_property_set(obj, name, value, &err)) return "ok";
    std::string text = error_get_pretty(err);
    error_free(err);
    return text;
}

TEST_F(Qom, PropertyErrorsNameTheProperty) {
    Object *obj = object_new("test-leaf");
    EXPECT_EQ(property_error(obj, "nope", "1"), "Property 'test-leaf.nope' not found");
    EXPECT_EQ(property_error(obj, "type", "x"), "Property 'test-leaf.type' is not writable");
    std::string value;
    EXPECT_TRUE(object_property_get(obj, "type", &value, nullptr));
    EXPECT_EQ(value, "test-leaf");
    object_unref(obj);
}

TEST_F(Qom, TheTreeOwnsItsChildren) {
    Object *root = container_get(object_get_root(), "/unit-test");
    Object *obj = object_new("test-leaf");
    object_property_add_child(root, "child", obj);
    object_unref(obj);
    EXPECT_EQ(object_get_canonical_path(obj), "/unit-test/child");
    EXPECT_EQ(object_resolve_path("/unit-test/child"), obj);
    EXPECT_EQ(object_resolve_path("unit-test/child"), obj) << "a partial path that is unique";
    EXPECT_EQ(object_resolve_path_type("/unit-test/child", TYPE_CONTAINER), nullptr);
    events.clear();
    object_unparent(obj);
    EXPECT_EQ(events, "qp~");
    EXPECT_EQ(object_resolve_path("/unit-test/child"), nullptr);
}

TEST_F(Qom, AStarIsTheFirstFreeNumber) {
    Object *root = container_get(object_get_root(), "/unit-test/numbers");
    Object *children[3];
    for (Object *&child : children) {
        child = object_new("test-leaf");
        object_property_add_child(root, "device[*]", child);
        object_unref(child);
    }
    EXPECT_EQ(object_get_canonical_path_component(children[2]), "device[2]");
    object_unparent(children[1]);
    Object *again = object_new("test-leaf");
    object_property_add_child(root, "device[*]", again);
    object_unref(again);
    EXPECT_EQ(object_get_canonical_path_component(again), "device[1]");
}

TEST_F(Qom, LinksAreSetByPathAndChecked) {
    Object *root = container_get(object_get_root(), "/unit-test/links");
    auto *obj = static_cast<Leaf *>(object_new("test-leaf"));
    object_property_add_child(root, "a", obj);
    object_unref(obj);
    object_property_add_link(obj, "friend", "test-base", &obj->friend_, "a friend");
    EXPECT_EQ(property_error(obj, "friend", "/unit-test/links/a"), "ok");
    EXPECT_EQ(obj->friend_, obj);
    std::string value;
    EXPECT_TRUE(object_property_get(obj, "friend", &value, nullptr));
    EXPECT_EQ(value, "/unit-test/links/a");
    EXPECT_EQ(property_error(obj, "friend", "/nowhere"), "Device '/nowhere' not found");
    EXPECT_EQ(property_error(obj, "friend", "/unit-test/links"),
              "Invalid parameter type for 'friend', expected: test-base");
    EXPECT_EQ(property_error(obj, "friend", ""), "ok");
    EXPECT_EQ(obj->friend_, nullptr);
}
