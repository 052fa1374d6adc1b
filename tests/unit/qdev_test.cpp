// SPDX-License-Identifier: MIT
/* hw/core: realize and its unwinding, buses, properties as rows, -global, reset. */
#include <string>

#include <gtest/gtest.h>

#include "hw/core/qdev.h"
#include "util/error.h"
#include "util/module.h"

static std::string events;

struct TestDevice : DeviceState {
    uint8_t small = 0;
    int32_t signed_ = 0;
    bool flag = false;
    std::string name;
    bool fails = false;
    BusState bus; // a place for children
    bool has_bus = false;

    bool realize(Error **errp) override {
        if (fails) {
            error_setg(errp, "device '%s' does not want to", name.c_str());
            return false;
        }
        events += "+" + name;
        return true;
    }
    void unrealize() override { events += "-" + name; }
    void reset() override { events += "r" + name; }
};

static constexpr Property properties[] = {
    define_prop<&TestDevice::small>("small", "5", "a number of 8 bits"),
    define_prop<&TestDevice::signed_>("signed", "-1", "a signed number"),
    define_prop<&TestDevice::flag>("flag", "on", "a switch"),
    define_prop<&TestDevice::name>("name", nullptr, "a text"),
};

static void test_device_class_init(ObjectClass *klass, const void *) {
    device_class_set_props(object_class_cast<DeviceClass>(klass), properties);
}

static void small_bus_class_init(ObjectClass *klass, const void *) {
    object_class_cast<BusClass>(klass)->max_dev = 1;
}

static const TypeInfo device_info = { .name = "test-qdev",
                                      .parent = TYPE_DEVICE,
                                      .instance_new = object_instance_new<TestDevice>,
                                      .class_init = test_device_class_init };
static const TypeInfo bus_info = { .name = "test-qdev-bus",
                                   .parent = TYPE_BUS,
                                   .instance_new = object_instance_new<BusState> };
static const TypeInfo small_bus_info = { .name = "test-qdev-small-bus",
                                         .parent = TYPE_BUS,
                                         .instance_new = object_instance_new<BusState>,
                                         .class_init = small_bus_class_init };

struct Qdev : testing::Test {
    static void SetUpTestSuite() {
        module_call_init(MODULE_INIT_QOM);
        if (type_get_by_name("test-qdev")) return;
        for (const TypeInfo *info : { &device_info, &bus_info, &small_bus_info }) {
            type_register_static(info);
        }
    }
    void SetUp() override { events.clear(); }

    static TestDevice *make(const std::string &name, const char *bus_type = nullptr) {
        auto *dev = static_cast<TestDevice *>(qdev_new("test-qdev"));
        dev->name = name;
        if (bus_type) qbus_init(&dev->bus, bus_type, dev, ("bus-" + name).c_str());
        return dev;
    }
    static std::string set(TestDevice *dev, const char *name, const char *value) {
        Error *err = nullptr;
        if (object_property_set(dev, name, value, &err)) return "ok";
        std::string text = error_get_pretty(err);
        error_free(err);
        return text;
    }
};

TEST_F(Qdev, RowsGiveDefaultsAndCheckValues) {
    TestDevice *dev = make("a");
    EXPECT_EQ(dev->small, 5);
    EXPECT_EQ(dev->signed_, -1);
    EXPECT_TRUE(dev->flag);
    EXPECT_EQ(set(dev, "small", "0xff"), "ok");
    EXPECT_EQ(dev->small, 255);
    EXPECT_EQ(set(dev, "small", "256"),
              "Property test-qdev.small doesn't take value 256 (minimum: 0, maximum: 255)");
    EXPECT_EQ(set(dev, "small", "-1"),
              "Property test-qdev.small doesn't take value -1 (minimum: 0, maximum: 255)");
    EXPECT_EQ(set(dev, "signed", "-2147483648"), "ok");
    EXPECT_EQ(dev->signed_, INT32_MIN);
    EXPECT_EQ(set(dev, "flag", "maybe"), "Parameter 'test-qdev.flag' expects 'on' or 'off'");
    object_unref(dev);
}

TEST_F(Qdev, ARealizedDeviceKeepsItsProperties) {
    TestDevice *dev = make("a");
    ASSERT_TRUE(qdev_realize(dev, nullptr, &error_abort));
    EXPECT_NE(set(dev, "small", "1").find("after it was realized"), std::string::npos);
    EXPECT_TRUE(object_get_canonical_path(dev).starts_with("/machine/unattached/device["));
    qdev_unplug_now(dev);
    EXPECT_EQ(events, "+a-a");
    object_unref(dev);
}

TEST_F(Qdev, AFailingChildUnwindsItsParent) {
    TestDevice *parent = make("p", "test-qdev-bus");
    TestDevice *good = make("g"), *bad = make("b");
    bad->fails = true;
    for (TestDevice *child : { good, bad }) {
        child->parent_bus = &parent->bus;
        parent->bus.children.push_back(child);
    }
    Error *err = nullptr;
    EXPECT_FALSE(qdev_realize(parent, nullptr, &err));
    EXPECT_STREQ(error_get_pretty(err), "device 'b' does not want to");
    error_free(err);
    EXPECT_EQ(events, "+p+g-g-p") << "all that was realized is not any more";
    EXPECT_FALSE(parent->realized);
    EXPECT_FALSE(good->realized);
    EXPECT_EQ(parent->parent, nullptr) << "and it is in the tree no longer";
    for (TestDevice *dev : { parent, good, bad }) object_unref(dev);
}

TEST_F(Qdev, AFullBusRefusesAndAFailureLeavesIt) {
    TestDevice *parent = make("p", "test-qdev-small-bus");
    ASSERT_TRUE(qdev_realize(parent, nullptr, &error_abort));
    TestDevice *bad = make("b");
    bad->fails = true;
    Error *err = nullptr;
    EXPECT_FALSE(qdev_realize(bad, &parent->bus, &err));
    error_free(err);
    object_unref(bad);
    EXPECT_TRUE(parent->bus.children.empty()) << "its place is free again";
    ASSERT_TRUE(qdev_realize(make("c"), &parent->bus, &error_abort));
    err = nullptr;
    TestDevice *one_too_many = make("d");
    EXPECT_FALSE(qdev_realize(one_too_many, &parent->bus, &err));
    EXPECT_STREQ(error_get_pretty(err), "Bus 'bus-p' does not support more devices");
    error_free(err);
    object_unref(one_too_many);
}

TEST_F(Qdev, ResetReachesTheChildrenFirst) {
    TestDevice *parent = make("p", "test-qdev-bus");
    ASSERT_TRUE(qdev_realize(parent, nullptr, &error_abort));
    ASSERT_TRUE(qdev_realize(make("c"), &parent->bus, &error_abort));
    events.clear();
    device_cold_reset(parent);
    EXPECT_EQ(events, "rcrp");
}

TEST_F(Qdev, GlobalsComeAfterTheDefaults) {
    qdev_prop_register_global({ "test-qdev", "small", "9" });
    TestDevice *dev = make("a");
    EXPECT_EQ(dev->small, 9);
    object_unref(dev);
    qdev_prop_register_global({ "test-qdev", "small", "5" }); // as before, for the other tests
}

static int last_level;
static void listen(void *, int n, int level) { last_level = n * 10 + level; }

TEST_F(Qdev, LinesReachWhoeverListens) {
    TestDevice *dev = make("a");
    qdev_init_gpio_in(dev, listen, 3);
    qemu_irq out = nullptr;
    qdev_init_gpio_out(dev, &out, 1);
    qemu_irq_raise(out); // nobody there
    qdev_connect_gpio_out(dev, 0, qdev_get_gpio_in(dev, 2));
    qemu_irq_raise(out);
    EXPECT_EQ(last_level, 21);
    qemu_irq_lower(out);
    EXPECT_EQ(last_level, 20);
    object_unref(dev);
}
