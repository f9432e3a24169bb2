@NullMarked
package io.matriarch.ha;

import org.jspecify.annotations.NullMarked;
