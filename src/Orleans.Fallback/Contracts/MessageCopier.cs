using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orleans.Fallback.References;
using Orleans.Runtime;

namespace Orleans.Fallback.Contracts;

/// <summary>Copies messages, so that caller and grain share nothing that can change.</summary>
/// <remarks>
/// As in Orleans, what is marked <see cref="ImmutableAttribute"/> is not copied, members without an id are not carried, and one object that
/// occurs twice in a message is one object in the copy.
/// </remarks>
internal abstract class MessageCopier
{
    private static readonly ConcurrentDictionary<Type, MessageCopier?> Known = new();

    /// <summary>The copier of a declared type; null when its values need no copy.</summary>
    public static MessageCopier? For(Type type) => Known.GetOrAdd(type, static type =>
        NeedsNoCopy(type) ? null : new Root());

    /// <summary>Copies a message.</summary>
    public abstract object? Copy(object? value);

    private static bool NeedsNoCopy(Type type) => TypeRules.IsAtom(type)
        || (Nullable.GetUnderlyingType(type) is { } underlying && NeedsNoCopy(underlying))
        || ((type.IsSealed || type.IsValueType) && type.IsDefined(typeof(ImmutableAttribute), inherit: false));

    private sealed class Root : MessageCopier
    {
        public override object? Copy(object? value) => new Graph().Copy(value);
    }

    /// <summary>One message's objects and their copies.</summary>
    private sealed class Graph
    {
        private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

        public object? Copy(object? value)
        {
            if (value is null || value is GrainProxy or Exception)
            {
                return value;
            }

            var type = value.GetType();
            if (TypeRules.IsAtom(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false))
            {
                return value;
            }

            if (!type.IsValueType && _copies.TryGetValue(value, out var known))
            {
                return known;
            }

            return value switch
            {
                Array array => CopyArray(array),
                IGrainBase => throw new ArgumentException($"{type} is a grain. Pass this.AsReference<TInterface>() instead of this.", nameof(value)),
                IGrainObserver => throw new ArgumentException($"{type} is an observer. Pass what CreateObjectReference returns.", nameof(value)),
                _ when TypeRules.IsCollection(type) => CopyCollection(value, type),
                _ when type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || TypeRules.IsTuple(type) => CopyMembers(value, type),
                _ => throw new NotSupportedException($"{type} cannot be in a message: it has no [GenerateSerializer] and is no known collection."),
            };
        }

        private Array CopyArray(Array array)
        {
            var copy = (Array)array.Clone();
            _copies[array] = copy;
            if (NeedsNoCopy(array.GetType().GetElementType()!))
            {
                return copy;
            }

            if (array.Rank != 1)
            {
                throw new NotSupportedException($"{array.GetType()} cannot be in a message: only arrays of one dimension can.");
            }

            for (var i = 0; i < copy.Length; i++)
            {
                copy.SetValue(Copy(copy.GetValue(i)), i);
            }

            return copy;
        }

        private object CopyMembers(object value, Type type)
        {
            var copy = RuntimeHelpers.GetUninitializedObject(type);
            if (!type.IsValueType)
            {
                _copies[value] = copy;
            }

            foreach (var field in MessageContract.Of(type).Members)
            {
                var part = field.GetValue(value);
                field.SetValue(copy, field.IsDefined(typeof(ImmutableAttribute), inherit: false) ? part : Copy(part));
            }

            return copy;
        }

        private object CopyCollection(object value, Type type)
        {
            var copier = Collection.For(type);
            if (copier.NeedsNoCopy)
            {
                return value;
            }

            var copy = copier.Copy(value, this);
            _copies[value] = copy;
            return copy;
        }
    }

    private abstract class Collection
    {
        private static readonly ConcurrentDictionary<Type, Collection> Known = new();

        public virtual bool NeedsNoCopy => false;

        public static Collection For(Type type) => Known.GetOrAdd(type, static type =>
        {
            var arguments = type.GenericTypeArguments;
            var copier = arguments.Length == 2 ? typeof(Pairs<,>) : typeof(Items<>);
            return (Collection)Activator.CreateInstance(copier.MakeGenericType(arguments), type)!;
        });

        public abstract object Copy(object value, Graph graph);

        private sealed class Items<T>(Type type) : Collection
        {
            public override bool NeedsNoCopy => type.Namespace == typeof(ImmutableArray).Namespace && MessageCopier.NeedsNoCopy(typeof(T));

            public override object Copy(object value, Graph graph)
            {
                if (value is ImmutableArray<T> { IsDefault: true })
                {
                    return value;
                }

                var items = ((IEnumerable<T>)value).Select(item => (T)graph.Copy(item)!);
                return value switch
                {
                    List<T> => items.ToList(),
                    HashSet<T> set => new HashSet<T>(items, set.Comparer),
                    Queue<T> => new Queue<T>(items),
                    Stack<T> => new Stack<T>(items.Reverse()),
                    ImmutableArray<T> => items.ToImmutableArray(),
                    ImmutableList<T> => items.ToImmutableList(),
                    ImmutableHashSet<T> set => items.ToImmutableHashSet(set.KeyComparer),
                    _ => throw new NotSupportedException($"{type} cannot be in a message."),
                };
            }
        }

        private sealed class Pairs<TKey, TValue>(Type type) : Collection
            where TKey : notnull
        {
            public override object Copy(object value, Graph graph)
            {
                var pairs = ((IEnumerable<KeyValuePair<TKey, TValue>>)value).Select(pair =>
                    KeyValuePair.Create((TKey)graph.Copy(pair.Key)!, (TValue)graph.Copy(pair.Value)!));
                return value switch
                {
                    Dictionary<TKey, TValue> dictionary => new Dictionary<TKey, TValue>(pairs, dictionary.Comparer),
                    ImmutableDictionary<TKey, TValue> dictionary => pairs.ToImmutableDictionary(dictionary.KeyComparer),
                    _ => throw new NotSupportedException($"{type} cannot be in a message."),
                };
            }
        }
    }
}
