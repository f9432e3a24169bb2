/** The one straight way: observe, decide, act, publish. */
@NullMarked
package io.matriarch.ha.loop;

import org.jspecify.annotations.NullMarked;
