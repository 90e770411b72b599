using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Orleans.Concurrency;
using Orleans.Fallback.Contracts;

namespace Orleans.Fallback.Messages;

/// <summary>All that is known of a method of a grain or observer interface, found out once.</summary>
internal sealed class MethodShape
{
    private static readonly ConcurrentDictionary<MethodInfo, MethodShape> Known = new();

    private readonly MethodInvoker _invoker;
    private readonly MessageCopier?[] _argumentCopiers;
    private readonly MessageCopier? _resultCopier;

    private MethodShape(MethodInfo method)
    {
        Method = method;
        Return = ReturnShape.Of(method.ReturnType) ?? throw new NotSupportedException(
            $"{method.DeclaringType}.{method.Name} returns {method.ReturnType}. A grain method returns Task, Task<T>, ValueTask or ValueTask<T>.");
        _invoker = MethodInvoker.Create(method);
        var parameters = method.GetParameters();
        CancellationIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        _argumentCopiers = Array.ConvertAll(parameters, parameter =>
            parameter.IsDefined(typeof(ImmutableAttribute)) ? null : MessageCopier.For(parameter.ParameterType));
        _resultCopier = Return.ResultType is null || method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), inherit: false)
            ? null
            : MessageCopier.For(Return.ResultType);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        OneWay = method.IsDefined(typeof(OneWayAttribute)) || method.ReturnType == typeof(void);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    public MethodInfo Method { get; }

    public ReturnShape Return { get; }

    /// <summary>Which parameter is the cancellation token; -1 for none.</summary>
    public int CancellationIndex { get; }

    public bool AlwaysInterleave { get; }

    public bool ReadOnly { get; }

    public bool OneWay { get; }

    public TimeSpan? ResponseTimeout { get; }

    public static MethodShape Of(MethodInfo method) => Known.GetOrAdd(method, static method => new MethodShape(method));

    /// <summary>The receiver's own copy of the arguments.</summary>
    public object?[] CopyArguments(object?[]? arguments)
    {
        if (arguments is null || arguments.Length == 0)
        {
            return [];
        }

        var copies = new object?[arguments.Length];
        for (var i = 0; i < copies.Length; i++)
        {
            copies[i] = _argumentCopiers[i] is { } copier ? copier.Copy(arguments[i]) : arguments[i];
        }

        return copies;
    }

    /// <summary>Calls the method; the result is the caller's own copy.</summary>
    public async ValueTask<object?> InvokeAsync(object target, object?[] arguments)
    {
        object? returned;
        try
        {
            returned = _invoker.Invoke(target, arguments.AsSpan());
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }

        var result = await Return.WaitAsync(returned);
        return _resultCopier is null ? result : _resultCopier.Copy(result);
    }

    public override string ToString() => $"{Method.DeclaringType?.Name}.{Method.Name}";
}
