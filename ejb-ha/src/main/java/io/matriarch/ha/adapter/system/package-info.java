/** This machine: its clock, one thread for slow work, the decision journal on its disk. */
@NullMarked
package io.matriarch.ha.adapter.system;

import org.jspecify.annotations.NullMarked;
