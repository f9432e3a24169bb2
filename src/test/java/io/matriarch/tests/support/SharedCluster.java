package io.matriarch.tests.support;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Keeps at most one cluster running at a time and hands it to the tests; stops it at the end of the run. */
final class SharedCluster implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SharedCluster.class);

    /** The running world, closed by JUnit at the end of the run. */
    private static final class Holder implements AutoCloseable {
        private Optional<OnCluster> kind = Optional.empty();
        private Optional<TestWorld> world = Optional.empty();

        TestWorld ready(OnCluster wanted) {
            if (!kind.equals(Optional.of(wanted))) {
                close();
            }
            if (world.isEmpty()) {
                world = Optional.of(TestWorld.start(wanted));
                kind = Optional.of(wanted);
            }
            return world.get();
        }

        @Override
        public void close() {
            world.ifPresent(TestWorld::close);
            world = Optional.empty();
            kind = Optional.empty();
        }
    }

    private static Holder holder(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Holder.class, type -> new Holder(), Holder.class);
    }

    private static OnCluster wanted(ExtensionContext context) {
        return context.getRequiredTestClass().getAnnotation(OnCluster.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Report.say("== " + context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName());
        holder(context).ready(wanted(context));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Holder holder = holder(context);
        TestWorld world = holder.ready(wanted(context));
        if (context.getExecutionException().isEmpty()) {
            try {
                world.heal();
                return;
            } catch (RuntimeException | AssertionError unhealed) {
                giveUp(context, holder, world);
                throw unhealed;
            }
        }
        giveUp(context, holder, world);
    }

    private static void giveUp(ExtensionContext context, Holder holder, TestWorld world) {
        String name = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        try {
            FailedRun.keep(name, world.cluster());
        } finally {
            holder.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == MatriarchCluster.class || type == Network.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestWorld world = holder(context).ready(wanted(context));
        return parameter.getParameter().getType() == Network.class ? world.network() : world.cluster();
    }
}
