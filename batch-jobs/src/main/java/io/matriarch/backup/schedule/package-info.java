/** When the elected manager starts which job, what became of it, and which promises are broken. */
@NullMarked
package io.matriarch.backup.schedule;

import org.jspecify.annotations.NullMarked;
