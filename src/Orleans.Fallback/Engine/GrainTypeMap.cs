using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>A grain class and what its attributes say.</summary>
internal sealed class GrainClass(Type type)
{
    public Type Type { get; } = type;

    public GrainType GrainType { get; } = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.GrainType ?? DefaultName(type));

    public bool Reentrant { get; } = type.IsDefined(typeof(ReentrantAttribute), inherit: true);

    /// <summary>As Orleans does: the class name in lower case without "grain" at its end.</summary>
    private static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > "grain".Length ? name[..^"grain".Length] : name;
    }
}

/// <summary>Which class implements an interface, and which class a grain type is.</summary>
internal sealed class GrainTypeMap
{
    private readonly Dictionary<GrainType, GrainClass> _classes = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainType> _resolved = new();

    public GrainTypeMap(ApplicationTypes types)
    {
        foreach (var grainClass in types.GrainClasses.Select(type => new GrainClass(type)))
        {
            if (!_classes.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"{grainClass.Type} and {_classes[grainClass.GrainType].Type} have the same grain type '{grainClass.GrainType}'. "
                    + "Give one of them another with [GrainType].");
            }
        }
    }

    public IEnumerable<GrainClass> Classes => _classes.Values;

    public GrainClass this[GrainType type] => _classes.TryGetValue(type, out var grainClass)
        ? grainClass
        : throw new ArgumentException($"Could not find a class for grain type {type}.", nameof(type));

    /// <summary>The type of the only class that implements the interface (and whose full name begins with the prefix).</summary>
    /// <exception cref="ArgumentException">There is no such class, or more than one.</exception>
    public GrainType Resolve(Type interfaceType, string? prefix) => _resolved.GetOrAdd((interfaceType, prefix), Find);

    private GrainType Find((Type Interface, string? Prefix) wanted)
    {
        var found = _classes.Values
            .Where(candidate => candidate.Type.IsAssignableTo(wanted.Interface)
                && (wanted.Prefix is null || candidate.Type.FullName!.StartsWith(wanted.Prefix, StringComparison.Ordinal)))
            .ToList();
        return found switch
        {
            [var only] => only.GrainType,
            [] => throw new ArgumentException($"Could not find an implementation for interface {wanted.Interface}", nameof(wanted)),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {wanted.Interface}. "
                + $"Candidates: {string.Join(", ", found.Select(candidate => candidate.Type))}", nameof(wanted)),
        };
    }
}
