package io.matriarch.web.api;

import jakarta.ws.rs.NameBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Between machines of one cluster: as a {@link Command}, and refused where the configuration asks nobody to prove who he is, since it hands out the
 * databases, or runs what a caller names.
 */
@NameBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@interface Identified {}
