using System.Reflection;

namespace Admission.Jobs.Tests.Support;

/// <summary>A store that a test stands in front of: it may answer a call itself.</summary>
public class StoreBetween : DispatchProxy
{
    private object? _store;
    private Func<string, object?>? _answer;

    /// <summary>Stands before a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="answer">Takes a method's name, and gives the task in place of the store's; null lets the call through.</param>
    internal static IJobStore Before(IJobStore store, Func<string, object?> answer)
    {
        var proxy = Create<IJobStore, StoreBetween>();
        ((StoreBetween)(object)proxy)._store = store;
        ((StoreBetween)(object)proxy)._answer = answer;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer!(targetMethod!.Name) ?? targetMethod.Invoke(_store, args);
}
