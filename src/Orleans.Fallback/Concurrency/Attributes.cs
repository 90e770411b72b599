namespace Orleans.Concurrency;

/// <summary>The turns of any two calls of this grain may interleave.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>Calls of this method interleave with every other call.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>Calls of this method do not change state; they interleave with each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>The caller gets no answer: its task is complete as soon as the message is sent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>Names a method of the grain class that decides, call by call, whether a call may interleave.</summary>
/// <param name="callbackMethodName">A method <c>static bool Name(IInvokable)</c> of the class.</param>
/// <remarks>The fallback knows the attribute, and refuses at start a grain class that carries it: nothing here uses it.</remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute
{
    internal string CallbackMethodName { get; } = callbackMethodName;
}
