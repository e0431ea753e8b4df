package samepage.verification.schedule;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings a class under the scheduler: its monitors, its waiting, its time become ours; before each access to what threads
 * share stands a point at which another may go on; bytes are moved in pieces. Great sizes become small, so that a file of a
 * few blocks takes every way. Last, a mutant's edits.
 */
final class Rewriting {
    private static final ClassDesc CONTROLLED = ClassDesc.of("samepage.verification.schedule.Controlled");
    private static final MethodTypeDesc VOID = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc VOID_OF_OBJECT =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object);
    private static final String TIME_UNIT = "java/util/concurrent/TimeUnit";
    private static final String SEGMENT = "java/lang/foreign/MemorySegment";

    /** Constants that are too great for what a run does, by class and value. */
    private static final Map<String, Map<Long, Long>> SMALLER = Map.of(
            "samepage/io/StagingBuffers", Map.of(4L << 20, 1L << 10),
            "samepage/io/StagedPart", Map.of(4L << 20, 1L << 10, 64L, 2L),
            "samepage/io/WritebackBatch", Map.of(64L, 2L),
            "samepage/pagecache/PageFrames", Map.of(2L << 20, 4L << 10),
            "samepage/remap/RangeComparison", Map.of(1L << 20, 1L << 10),
            "samepage/remap/OptimisticDedupe", Map.of(64L << 10, 1024L),
            "samepage/remap/OptimisticDedupe$Hold", Map.of(16L, 1L));

    private static final Set<String> SHARED_STRUCTURES = Set.of(
            "java/util/concurrent/ConcurrentSkipListMap",
            "java/util/concurrent/ConcurrentHashMap",
            "java/util/concurrent/ConcurrentLinkedQueue",
            "java/util/concurrent/CopyOnWriteArrayList",
            "java/lang/invoke/VarHandle");

    private final Function<String, byte[]> classFiles;
    private final Mutant mutant;
    private final ClassFile context;
    private final Map<String, Set<String>> volatileFields = new HashMap<>();
    private final Set<Mutant.Edit> applied = new HashSet<>();
    private final Set<String> rewritten = new HashSet<>();

    /** Constants that have been made smaller, by class and value. */
    private final Set<String> made = new HashSet<>();

    /** @param classFiles gives the class file of an internal name */
    Rewriting(Function<String, byte[]> classFiles, ClassLoader parent, Mutant mutant) {
        this.classFiles = classFiles;
        this.mutant = mutant;
        this.context = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(parent).orElse(ClassHierarchyResolver.defaultResolver())));
    }

    /** The mutant's edits that found no place in the classes loaded so far. */
    Set<Mutant.Edit> notApplied() {
        var left = new HashSet<>(mutant.edits());
        left.removeAll(applied);
        return left;
    }

    /** Constants that ought to be smaller, and do not stand in the classes that were loaded. */
    Set<String> constantsMissed() {
        var missed = new TreeSet<String>();
        for (String type : rewritten) {
            SMALLER.getOrDefault(type, Map.of()).keySet().forEach(constant -> missed.add(type + " " + constant));
        }
        missed.removeAll(made);
        return missed;
    }

    byte[] rewrite(String internalName) {
        rewritten.add(internalName);
        ClassModel model = context.parse(classFiles.apply(internalName));
        byte[] controlled = context.transformClass(model, transform(internalName));
        return Names.replaceIn(controlled);
    }

    private ClassTransform transform(String type) {
        return ClassTransform.ofStateful(() -> new ClassTransform() {
            @Override
            public void accept(ClassBuilder builder, ClassElement element) {
                if (element instanceof MethodModel method) {
                    CodeTransform code =
                            mutation(type, method.methodName().stringValue()).andThen(control(type));
                    if (method.flags().has(AccessFlag.SYNCHRONIZED)) {
                        addSynchronized(builder, type, method, code);
                    } else {
                        builder.transformMethod(method, MethodTransform.transformingCode(code));
                    }
                } else {
                    builder.with(element);
                }
            }

            @Override
            public void atEnd(ClassBuilder builder) {
                if (type.equals("samepage/inode/Inode")) {
                    addHashCode(builder);
                }
            }
        });
    }

    /** Sets of inodes are walked in the order of their hash codes: which must be the same in every run. */
    private static void addHashCode(ClassBuilder builder) {
        ClassDesc inode = ClassDesc.of("samepage.inode.Inode");
        builder.withMethodBody(
                "hashCode",
                MethodTypeDesc.of(ConstantDescs.CD_int),
                ClassFile.ACC_PUBLIC,
                code -> code.aload(0)
                        .getfield(inode, "ino", ConstantDescs.CD_long)
                        .l2i()
                        .ireturn());
    }

    /** The method without its monitor under another name, and one of its own name that takes the monitor and calls it. */
    private static void addSynchronized(ClassBuilder builder, String type, MethodModel method, CodeTransform code) {
        String inner = method.methodName().stringValue() + "$locked";
        MethodTypeDesc descriptor = method.methodTypeSymbol();
        boolean isStatic = method.flags().has(AccessFlag.STATIC);
        ClassDesc owner = ClassDesc.ofInternalName(type);
        builder.withMethod(
                inner,
                descriptor,
                ClassFile.ACC_PRIVATE | (isStatic ? ClassFile.ACC_STATIC : 0),
                locked -> method.code().ifPresent(body -> locked.transformCode(body, code)));
        int flags = method.flags().flagsMask() & ~ClassFile.ACC_SYNCHRONIZED;
        builder.withMethodBody(method.methodName().stringValue(), descriptor, flags, body -> {
            loadMonitor(body, owner, isStatic);
            body.invokestatic(CONTROLLED, "monitorEnter", VOID_OF_OBJECT);
            body.trying(
                    inside -> {
                        int slot = 0;
                        if (!isStatic) {
                            inside.aload(slot++);
                        }
                        for (ClassDesc parameter : descriptor.parameterList()) {
                            TypeKind kind = TypeKind.from(parameter);
                            inside.loadLocal(kind, slot);
                            slot += kind.slotSize();
                        }
                        if (isStatic) {
                            inside.invokestatic(owner, inner, descriptor);
                        } else {
                            inside.invokespecial(owner, inner, descriptor);
                        }
                        loadMonitor(inside, owner, isStatic);
                        inside.invokestatic(CONTROLLED, "monitorExit", VOID_OF_OBJECT);
                        inside.return_(TypeKind.from(descriptor.returnType()));
                    },
                    failed -> failed.catchingAll(handler -> {
                        loadMonitor(handler, owner, isStatic);
                        handler.invokestatic(CONTROLLED, "monitorExit", VOID_OF_OBJECT);
                        handler.athrow();
                    }));
        });
    }

    private static void loadMonitor(CodeBuilder code, ClassDesc owner, boolean isStatic) {
        if (isStatic) {
            code.loadConstant(owner);
        } else {
            code.aload(0);
        }
    }

    private CodeTransform control(String type) {
        boolean ofPages = !type.startsWith("samepage/volume/") && !type.startsWith("samepage/block/");
        return (code, element) -> {
            switch (element) {
                case MonitorInstruction monitor ->
                    code.invokestatic(
                            CONTROLLED,
                            monitor.opcode() == Opcode.MONITORENTER ? "monitorEnter" : "monitorExit",
                            VOID_OF_OBJECT);
                case FieldInstruction field -> {
                    if (isVolatile(field.owner().asInternalName(), field.name().stringValue())) {
                        code.invokestatic(CONTROLLED, "yieldPoint", VOID);
                    }
                    code.with(field);
                }
                case InvokeInstruction call -> controlCall(code, call, ofPages);
                case ConstantInstruction constant
                when constant.constantValue() instanceof Integer value -> code.loadConstant((int) smaller(type, value));
                case ConstantInstruction constant
                when constant.constantValue() instanceof Long value -> code.loadConstant(smaller(type, value));
                default -> code.with(element);
            }
        };
    }

    private long smaller(String type, long constant) {
        Long smaller = SMALLER.getOrDefault(type, Map.of()).get(constant);
        if (smaller == null) {
            return constant;
        }
        made.add(type + " " + constant);
        return smaller;
    }

    private static void controlCall(CodeBuilder code, InvokeInstruction call, boolean ofPages) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        MethodTypeDesc descriptor = call.typeSymbol();
        String replaced = replacement(owner, name, descriptor.descriptorString());
        if (replaced != null) {
            boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
            ClassDesc receiver = owner.startsWith("java/lang/foreign/") || owner.equals(TIME_UNIT)
                    ? ClassDesc.ofInternalName(owner)
                    : ConstantDescs.CD_Object;
            code.invokestatic(
                    CONTROLLED, replaced, isStatic ? descriptor : descriptor.insertParameterTypes(0, receiver));
            return;
        }
        boolean isAtomic = owner.startsWith("java/util/concurrent/atomic/");
        boolean isShared = ofPages && SHARED_STRUCTURES.contains(owner);
        boolean isAccess = ofPages && owner.equals(SEGMENT) && (name.equals("get") || name.equals("set"));
        if (!name.equals("<init>") && (isAtomic || isShared || isAccess)) {
            code.invokestatic(CONTROLLED, "yieldPoint", VOID);
        }
        code.with(call);
    }

    /** The method of {@link Controlled} that is called in this one's place, or null. */
    private static @Nullable String replacement(String owner, String name, String descriptor) {
        return switch (name + descriptor) {
            case "wait()V", "wait(J)V" -> "await";
            case "timedWait(Ljava/lang/Object;J)V" -> "timedWait";
            case "notify()V" -> "notifyOne";
            case "notifyAll()V" -> "notifyEveryone";
            case "nanoTime()J" -> owner.equals("java/lang/System") ? "nanoTime" : null;
            case "ofShared()Ljava/lang/foreign/Arena;" -> "sharedArena";
            case "copy(L" + SEGMENT + ";JL" + SEGMENT + ";JJ)V" -> owner.equals(SEGMENT) ? "copy" : null;
            case "copyFrom(L" + SEGMENT + ";)L" + SEGMENT + ";" -> "copyFrom";
            case "fill(B)L" + SEGMENT + ";" -> "fill";
            case "mismatch(L" + SEGMENT + ";JJL" + SEGMENT + ";JJ)J" -> "mismatch";
            default -> null;
        };
    }

    private boolean isVolatile(String owner, String field) {
        return owner.startsWith("samepage/")
                && volatileFields.computeIfAbsent(owner, this::volatileFieldsOf).contains(field);
    }

    private Set<String> volatileFieldsOf(String type) {
        var fields = new HashSet<String>();
        for (FieldModel field : context.parse(classFiles.apply(type)).fields()) {
            if (field.flags().has(AccessFlag.VOLATILE)) {
                fields.add(field.fieldName().stringValue());
            }
        }
        return fields;
    }

    private CodeTransform mutation(String type, String method) {
        return CodeTransform.ofStateful(() -> {
            var seen = new HashMap<Mutant.Edit, Integer>();
            return (code, element) -> {
                if (element instanceof InvokeInstruction call) {
                    Mutant.Edit found = null;
                    for (Mutant.Edit edit : mutant.edits()) {
                        if (matches(edit, type, method, call)) {
                            int nth = seen.merge(edit, 1, Integer::sum) - 1;
                            found = edit.nth() < 0 || edit.nth() == nth ? edit : found;
                        }
                    }
                    if (found != null) {
                        applied.add(found);
                        change(code, call, found.change());
                        return;
                    }
                }
                if (element instanceof BranchInstruction branch
                        && (branch.opcode() == Opcode.IF_ACMPEQ || branch.opcode() == Opcode.IF_ACMPNE)) {
                    for (Mutant.Edit edit : mutant.edits()) {
                        if (edit.called().equals("==")
                                && type.equals("samepage/" + edit.type())
                                && method.equals(edit.method())
                                && seen.merge(edit, 1, Integer::sum) - 1 == edit.nth()) {
                            applied.add(edit);
                            code.pop2();
                            if (branch.opcode() == Opcode.IF_ACMPNE) {
                                code.goto_(branch.target());
                            }
                            return;
                        }
                    }
                }
                code.with(element);
            };
        });
    }

    private static boolean matches(Mutant.Edit edit, String type, String method, InvokeInstruction call) {
        return type.equals("samepage/" + edit.type())
                && (method.equals(edit.method()) || method.startsWith("lambda$" + edit.method() + "$"))
                && call.owner().asInternalName().endsWith("/" + edit.calledType())
                && call.name().equalsString(edit.called());
    }

    private static void change(CodeBuilder code, InvokeInstruction call, Mutant.Change change) {
        switch (change) {
            case Mutant.Change.LeftOut() -> answer(code, call, 0);
            case Mutant.Change.Answered(int value) -> answer(code, call, value);
            case Mutant.Change.Instead(String method) ->
                code.invoke(call.opcode(), call.owner().asSymbol(), method, call.typeSymbol(), call.isInterface());
            case Mutant.Change.Followed(String method) -> {
                code.with(call);
                Label end = code.newLabel();
                code.dup().ifnull(end);
                code.dup().invokevirtual(call.typeSymbol().returnType(), method, VOID);
                code.labelBinding(end);
            }
        }
    }

    private static void answer(CodeBuilder code, InvokeInstruction call, int value) {
        var parameters = call.typeSymbol().parameterList();
        for (int i = parameters.size() - 1; i >= 0; i--) {
            pop(code, TypeKind.from(parameters.get(i)));
        }
        if (call.opcode() != Opcode.INVOKESTATIC) {
            code.pop();
        }
        switch (TypeKind.from(call.typeSymbol().returnType()).asLoadable()) {
            case VOID -> {}
            case LONG -> code.loadConstant((long) value);
            case REFERENCE -> code.aconst_null();
            default -> code.loadConstant(value);
        }
    }

    private static void pop(CodeBuilder code, TypeKind kind) {
        if (kind.slotSize() == 2) {
            code.pop2();
        } else {
            code.pop();
        }
    }
}
