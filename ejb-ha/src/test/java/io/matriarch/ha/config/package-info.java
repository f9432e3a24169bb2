@NullMarked
package io.matriarch.ha.config;

import org.jspecify.annotations.NullMarked;
