namespace Orleans.Fallback.Messages;

/// <summary>How a method's return type starts and ends a call.</summary>
internal abstract class ReturnShape
{
    /// <summary>The type of the answer; null when there is none.</summary>
    public virtual Type? ResultType => null;

    /// <summary>A caller that waits.</summary>
    public virtual PendingCall CreatePending() => new PendingCall<object?>(task => task);

    /// <summary>What a one-way call returns.</summary>
    public virtual object? Sent => Task.CompletedTask;

    /// <summary>Waits for what the method returned.</summary>
    public abstract ValueTask<object?> WaitAsync(object? returned);

    /// <summary>The shape of a return type, or null for one that a grain method cannot have.</summary>
    public static ReturnShape? Of(Type type) => type switch
    {
        _ when type == typeof(void) => new VoidShape(),
        _ when type == typeof(Task) => new TaskShape(),
        _ when type == typeof(ValueTask) => new ValueTaskShape(),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(Task<>) => Generic(typeof(TaskShape<>), type),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(ValueTask<>) => Generic(typeof(ValueTaskShape<>), type),
        _ => null,
    };

    private static ReturnShape Generic(Type shape, Type type) =>
        (ReturnShape)Activator.CreateInstance(shape.MakeGenericType(type.GenericTypeArguments))!;

    private sealed class VoidShape : ReturnShape
    {
        public override object? Sent => null;

        public override ValueTask<object?> WaitAsync(object? returned) => default;
    }

    private sealed class TaskShape : ReturnShape
    {
        public override async ValueTask<object?> WaitAsync(object? returned)
        {
            await (Task)returned!;
            return null;
        }
    }

    private sealed class ValueTaskShape : ReturnShape
    {
        public override object? Sent => ValueTask.CompletedTask;

        public override PendingCall CreatePending() => new PendingCall<object?>(task => new ValueTask(task));

        public override async ValueTask<object?> WaitAsync(object? returned)
        {
            await (ValueTask)returned!;
            return null;
        }
    }

    private sealed class TaskShape<T> : ReturnShape
    {
        public override Type? ResultType => typeof(T);

        public override object? Sent => Task.FromResult<T>(default!);

        public override PendingCall CreatePending() => new PendingCall<T>(task => task);

        public override async ValueTask<object?> WaitAsync(object? returned) => await (Task<T>)returned!;
    }

    private sealed class ValueTaskShape<T> : ReturnShape
    {
        public override Type? ResultType => typeof(T);

        public override object? Sent => default(ValueTask<T>);

        public override PendingCall CreatePending() => new PendingCall<T>(task => new ValueTask<T>(task));

        public override async ValueTask<object?> WaitAsync(object? returned) => await (ValueTask<T>)returned!;
    }
}
