using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using Orleans.Runtime;

namespace Orleans.Fallback.Contracts;

/// <summary>Which types of the base library can be in messages.</summary>
internal static class TypeRules
{
    private static readonly HashSet<Type> Atoms =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(IPAddress),
        typeof(IPEndPoint), typeof(CancellationToken), typeof(Type), typeof(GrainId), typeof(GrainType), typeof(GrainInterfaceType),
        typeof(IdSpan), typeof(ActivationId), typeof(GrainReference), typeof(ReadOnlyMemory<byte>),
    ];

    /// <summary>Collections whose elements are copied.</summary>
    private static readonly HashSet<Type> Collections =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>),
    ];

    /// <summary>Interfaces of collections, behind which one of the above stands.</summary>
    private static readonly HashSet<Type> CollectionInterfaces =
    [
        typeof(IEnumerable<>), typeof(ICollection<>), typeof(IList<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>),
        typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(ISet<>), typeof(IReadOnlySet<>),
    ];

    /// <summary>A value that never changes and has no parts to look at.</summary>
    public static bool IsAtom(Type type) => type.IsPrimitive || type.IsEnum || Atoms.Contains(type)
        // What one sees of these are classes derived from them.
        || type.IsAssignableTo(typeof(Type)) || type.IsAssignableTo(typeof(IPAddress));

    /// <summary>A collection that can be copied.</summary>
    public static bool IsCollection(Type type) => type.IsArray || IsOneOf(type, Collections);

    /// <summary>An interface behind which a collection stands.</summary>
    public static bool IsCollectionInterface(Type type) => IsOneOf(type, CollectionInterfaces);

    /// <summary>A structure of the base library whose fields are its parts.</summary>
    public static bool IsTuple(Type type) => type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            || (type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple)) && type.Namespace == "System"));

    private static bool IsOneOf(Type type, HashSet<Type> definitions) =>
        type.IsGenericType && definitions.Contains(type.GetGenericTypeDefinition());
}
