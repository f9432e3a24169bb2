/** Restores of a cluster into a directory aside: what can be reached, the plan, and the steps that survive their interruption. */
@NullMarked
package io.matriarch.backup.restore;

import org.jspecify.annotations.NullMarked;
