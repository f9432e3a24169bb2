/** The rules, one claim at a time: views are built by hand, one cycle is decided, one thing is asserted. */
@NullMarked
package io.matriarch.ha.decide;

import org.jspecify.annotations.NullMarked;
