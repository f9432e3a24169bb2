/** Who outside is told when a promise is broken or kept again. */
@NullMarked
package io.matriarch.backup.alarm;

import org.jspecify.annotations.NullMarked;
