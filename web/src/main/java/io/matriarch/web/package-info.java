@NullMarked
package io.matriarch.web;

import org.jspecify.annotations.NullMarked;
