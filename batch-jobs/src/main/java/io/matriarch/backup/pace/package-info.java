/** How fast a copy may be read, so that the clients of the primary do not feel it: decided in {@code Governor}, done by {@code Throttle}. */
@NullMarked
package io.matriarch.backup.pace;

import org.jspecify.annotations.NullMarked;
