using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>A method of a grain or observer interface as it is named and carried on the network.</summary>
/// <param name="Shape">The method.</param>
/// <param name="Interface">The interface's name.</param>
/// <param name="Name">The method's name: its alias, else its name, with the types of the parameters where that is not unique.</param>
/// <param name="Arguments">How the arguments are written.</param>
/// <param name="Result">How the result is written; null when there is none.</param>
internal sealed record RemoteMethod(MethodShape Shape, string Interface, string Name, Slot[] Arguments, Slot? Result);

/// <summary>The methods that can be called over the network: those of the application's interfaces.</summary>
internal sealed class RemoteMethods(ApplicationTypes types, MessageSerializer serializer)
{
    private readonly ConcurrentDictionary<Type, Dictionary<string, RemoteMethod>> _byInterface = new();
    private readonly ConcurrentDictionary<MethodShape, RemoteMethod> _byShape = new();
    private readonly Lazy<Dictionary<string, Type>> _interfaces = new(() =>
        types.Interfaces.ToDictionary(type => GrainReference.InterfaceOf(type).ToString(), StringComparer.Ordinal));

    /// <summary>The method with these names.</summary>
    /// <exception cref="OrleansException">There is none.</exception>
    public RemoteMethod Find(string? interfaceName, string? method) =>
        interfaceName is not null && method is not null && _interfaces.Value.TryGetValue(interfaceName, out var type)
            && MethodsOf(type).TryGetValue(method, out var found)
            ? found
            : throw new OrleansException($"This process does not know the method {interfaceName}.{method}.");

    /// <summary>The names of a method.</summary>
    /// <exception cref="NotSupportedException">It cannot be called over the network.</exception>
    public RemoteMethod Of(MethodShape shape) => _byShape.GetOrAdd(shape, static (shape, self) => self.Describe(shape), this);

    private static string AliasOf(MethodInfo method) => method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name;

    private RemoteMethod Describe(MethodShape shape)
    {
        var type = shape.Method.DeclaringType!;
        return _interfaces.Value.ContainsValue(type) && !shape.Method.IsGenericMethod
            ? MethodsOf(type).Values.Single(method => method.Shape == shape)
            : throw new NotSupportedException($"{shape} cannot be called over the network: generic interfaces and methods have no name there.");
    }

    private Dictionary<string, RemoteMethod> MethodsOf(Type type) => _byInterface.GetOrAdd(type, static (type, self) =>
    {
        var methods = type.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(method => !method.IsGenericMethod).ToList();
        return methods.Select(method => self.Create(method, unique: methods.Count(other => AliasOf(other) == AliasOf(method)) == 1))
            .ToDictionary(method => method.Name, StringComparer.Ordinal);
    }, this);

    private RemoteMethod Create(MethodInfo method, bool unique)
    {
        var shape = MethodShape.Of(method);
        var parameters = Array.ConvertAll(method.GetParameters(), parameter => parameter.ParameterType);
        var name = unique ? AliasOf(method) : $"{AliasOf(method)}({string.Join(',', parameters.Select(type => type.ToString()))})";
        return new RemoteMethod(
            shape,
            GrainReference.InterfaceOf(method.DeclaringType!).ToString(),
            name,
            Array.ConvertAll(parameters, serializer.SlotOf),
            shape.Return.ResultType is { } result ? serializer.SlotOf(result) : null);
    }
}
