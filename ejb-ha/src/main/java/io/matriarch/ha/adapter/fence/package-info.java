/** Speaks to the fence process of this member over its Unix-domain socket, starts it, and kills it when it is frozen. */
@NullMarked
package io.matriarch.ha.adapter.fence;

import org.jspecify.annotations.NullMarked;
