/** What this member shows: published by the loop, read by HTTP threads and health checks. */
@NullMarked
package io.matriarch.ha.status;

import org.jspecify.annotations.NullMarked;
