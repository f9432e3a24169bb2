/** What the loop needs of the world, as interfaces over {@link io.matriarch.ha.model}. */
@NullMarked
package io.matriarch.ha.port;

import org.jspecify.annotations.NullMarked;
