package io.matriarch.tests.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of this class get a running, healthy {@link MatriarchCluster} as parameter. It is shared, also with other
 * classes that want the
 * same kind, as long as every test leaves it healthy; after a failed test the next one gets a fresh cluster.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SharedCluster.class)
public @interface OnCluster {
    /** 1 or 3. */
    int etcdMembers() default 1;

    /** Each member and each etcd member on a host of its own: a network namespace that can be cut off. */
    boolean ownHosts() default false;
}
