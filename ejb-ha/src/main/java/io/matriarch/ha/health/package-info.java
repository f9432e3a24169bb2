/**
 * What the MicroProfile Health endpoints say. This package travels in the EAR's {@code lib} directory, because the
 * server finds checks only there; it therefore depends on no other package of ours. The loop pushes a {@link
 * io.matriarch.ha.health.HealthReport} after each cycle, the checks and the REST mirror read it.
 */
@NullMarked
package io.matriarch.ha.health;

import org.jspecify.annotations.NullMarked;
