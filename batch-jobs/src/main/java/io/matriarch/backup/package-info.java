@NullMarked
package io.matriarch.backup;

import org.jspecify.annotations.NullMarked;
