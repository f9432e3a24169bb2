/** Runs in the server's log manager, outside of the EAR: ends a process whose boot failed. */
@NullMarked
package io.matriarch.boot;

import org.jspecify.annotations.NullMarked;
