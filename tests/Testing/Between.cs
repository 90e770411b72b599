using System.Reflection;

namespace Admission.Testing;

/// <summary>Stands between an interface's users and what implements it: a test may answer a call itself.</summary>
/// <typeparam name="T">The interface.</typeparam>
public class Between<T> : DispatchProxy
    where T : class
{
    private T? _behind;
    private Func<string, object?>? _answer;

    /// <summary>Stands before an implementation.</summary>
    /// <param name="behind">The implementation.</param>
    /// <param name="answer">Takes a method's name, and gives what is returned in place of the implementation's; null lets the call through.</param>
    public static T Before(T behind, Func<string, object?> answer)
    {
        var proxy = Create<T, Between<T>>();
        ((Between<T>)(object)proxy)._behind = behind;
        ((Between<T>)(object)proxy)._answer = answer;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer!(targetMethod!.Name) ?? targetMethod.Invoke(_behind, args);
}
