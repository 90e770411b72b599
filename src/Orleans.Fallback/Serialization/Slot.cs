using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text.Json;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.References;
using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>A place of a declared type: a parameter, a result, a member, an element.</summary>
internal sealed class Slot
{
    private readonly MessageSerializer _serializer;
    private readonly Type _declared;
    private readonly Type _expected;
    private readonly Atom? _atom;
    private Codec? _codec;

    public Slot(MessageSerializer serializer, Type declared)
    {
        _serializer = serializer;
        _declared = Nullable.GetUnderlyingType(declared) ?? declared;
        _expected = Expected(_declared);
        _atom = Atom.Of(_declared, serializer);
        Default = declared.IsValueType && Nullable.GetUnderlyingType(declared) is null
            ? RuntimeHelpers.GetUninitializedObject(declared)
            : null;
    }

    /// <summary>The value of a place that nothing was written for.</summary>
    public object? Default { get; }

    public void Write(MessageWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Json.WriteNullValue();
                return;
            case GrainProxy or GrainReference:
                ReferenceCodec.Write(writer, value, _declared);
                return;
            case Exception exception:
                _serializer.Exceptions.Write(writer, exception);
                return;
        }

        var type = value.GetType();
        if (_atom is not null)
        {
            _atom.Write(writer.Json, value);
        }
        else if (IsDefaultImmutableArray(value, type))
        {
            writer.Json.WriteNullValue();
        }
        else if (TypeRules.IsAtom(type))
        {
            throw new NotSupportedException($"{type} cannot be in a message in a place of type {_declared}.");
        }
        else if (type == _expected)
        {
            _codec ??= _serializer.CodecOf(type);
            if (type.IsValueType || !writer.TryWriteAgain(value))
            {
                _codec.Write(writer, value, name: null);
            }
        }
        else
        {
            var codec = _serializer.CodecOf(type);
            if (type.IsValueType || !writer.TryWriteAgain(value))
            {
                codec.Write(writer, value, named => _serializer.Names.Write(named, type));
            }
        }
    }

    /// <summary>Reads a value; the reader stands on its first token, and then on its last.</summary>
    public object? Read(ref MessageReader reader)
    {
        if (reader.Token == JsonTokenType.Null)
        {
            return Default;
        }

        if (_declared == typeof(GrainReference) || (_declared.IsInterface && _declared.IsAssignableTo(typeof(IAddressable))))
        {
            return _serializer.References.Read(ref reader, _declared);
        }

        if (_declared.IsAssignableTo(typeof(Exception)))
        {
            var exception = _serializer.Exceptions.Read(ref reader);
            return _declared.IsInstanceOfType(exception)
                ? exception
                : throw new SerializationException($"The message has {exception.GetType()} in a place of type {_declared}.");
        }

        if (_atom is not null)
        {
            return reader.Atom(_atom.Read);
        }

        var bracket = reader.Bracket;
        switch (reader.Token)
        {
            case JsonTokenType.StartArray:
                return ExpectedCodec().ReadArray(ref reader, bracket);
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, bracket);
            default:
                throw new SerializationException($"The message has {reader.Token} in a place of type {_declared}.");
        }
    }

    private static bool IsDefaultImmutableArray(object value, Type type) => type.IsValueType && type.IsGenericType
        && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) && value.Equals(RuntimeHelpers.GetUninitializedObject(type));

    /// <summary>What stands behind an interface of collections where the message does not say.</summary>
    private static Type Expected(Type declared)
    {
        if (!TypeRules.IsCollectionInterface(declared))
        {
            return declared;
        }

        var definition = declared.GetGenericTypeDefinition();
        var arguments = declared.GenericTypeArguments;
        var concrete = arguments.Length == 2 ? typeof(Dictionary<,>)
            : definition == typeof(ISet<>) || definition == typeof(IReadOnlySet<>) ? typeof(HashSet<>)
            : typeof(List<>);
        return concrete.MakeGenericType(arguments);
    }

    private Codec ExpectedCodec() => _codec ??= _serializer.CodecOf(_expected);

    private object ReadObject(ref MessageReader reader, int bracket)
    {
        reader.Advance();
        if (reader.NameIs(Words.Again))
        {
            reader.Advance();
            var again = reader.Recall(reader.Int32());
            reader.Advance();
            reader.Expect(JsonTokenType.EndObject);
            return _declared.IsInstanceOfType(again)
                ? again
                : throw new SerializationException($"The message refers to {again.GetType()} in a place of type {_declared}.");
        }

        if (!reader.NameIs(Words.Type))
        {
            return ExpectedCodec().ReadObject(ref reader, bracket);
        }

        reader.Advance();
        var type = _serializer.Names.Read(ref reader);
        if (!type.IsAssignableTo(_declared))
        {
            throw new SerializationException($"The message has {type} in a place of type {_declared}.");
        }

        reader.Advance();
        return _serializer.CodecOf(type).ReadObject(ref reader, bracket);
    }
}
