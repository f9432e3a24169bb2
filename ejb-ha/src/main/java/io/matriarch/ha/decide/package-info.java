/** The pure decision core: views in, {@link io.matriarch.ha.decide.Decision} out. No clock, no chance, no I/O. */
@NullMarked
package io.matriarch.ha.decide;

import org.jspecify.annotations.NullMarked;
