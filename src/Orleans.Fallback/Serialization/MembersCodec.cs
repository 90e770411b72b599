using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orleans.Fallback.Contracts;

namespace Orleans.Fallback.Serialization;

/// <summary>A message type or tuple: an object with its members.</summary>
internal sealed class MembersCodec : Codec
{
    private readonly Type _type;
    private readonly Member[] _members;
    private readonly Dictionary<string, int> _places;
    private readonly ConstructorInfo? _constructor;

    public MembersCodec(MessageSerializer serializer, Type type)
    {
        _type = type;
        _members = [.. MessageContract.Of(type).Keys.Select(member =>
            new Member(JsonEncodedText.Encode(member.Key), member.Value, serializer.SlotOf(member.Value.FieldType)))];
        _places = _members.Select((member, place) => (member.Name.Value, place))
            .ToDictionary(pair => pair.Value, pair => pair.place, StringComparer.Ordinal);
        _constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);
    }

    public override void Write(MessageWriter writer, object value, Action<MessageWriter>? name)
    {
        writer.StartObject();
        if (name is not null)
        {
            writer.Json.WritePropertyName(Words.Type);
            name(writer);
        }

        WriteMembers(writer, value);
        writer.Json.WriteEndObject();
    }

    public override object ReadObject(ref MessageReader reader, int bracket)
    {
        var value = RuntimeHelpers.GetUninitializedObject(_type);
        if (!_type.IsValueType)
        {
            reader.Remember(bracket, value);
        }

        ReadMembers(ref reader, value);
        return value;
    }

    public override object ReadArray(ref MessageReader reader, int bracket) =>
        throw new System.Runtime.Serialization.SerializationException($"The message has an array in a place of type {_type}.");

    /// <summary>Writes the members into an object that is open.</summary>
    public void WriteMembers(MessageWriter writer, object value)
    {
        foreach (var member in _members)
        {
            writer.Json.WritePropertyName(member.Name);
            member.Slot.Write(writer, member.Field.GetValue(value));
        }
    }

    /// <summary>Reads members up to the end of the object; the reader stands on the first name.</summary>
    public void ReadMembers(ref MessageReader reader, object value)
    {
        var found = 0;
        Span<bool> seen = _members.Length <= 64 ? stackalloc bool[_members.Length] : new bool[_members.Length];
        for (; reader.Token != JsonTokenType.EndObject; reader.Advance())
        {
            // Writers have the same order, so the next member is mostly the one that is expected.
            var place = found < _members.Length && reader.NameIs(_members[found].Name)
                ? found
                : _places.GetValueOrDefault(reader.Text(), -1);
            reader.Advance();
            if (place < 0)
            {
                reader.Skip();
                continue;
            }

            _members[place].Field.SetValue(value, _members[place].Slot.Read(ref reader));
            if (!seen[place])
            {
                seen[place] = true;
                found++;
            }
        }

        if (found < _members.Length)
        {
            Complete(value, seen);
        }
    }

    /// <summary>Gives members that an older writer did not know the value that a new object has.</summary>
    private void Complete(object value, ReadOnlySpan<bool> seen)
    {
        if (_constructor is null)
        {
            return;
        }

        var fresh = _constructor.Invoke(null);
        for (var i = 0; i < seen.Length; i++)
        {
            if (!seen[i])
            {
                _members[i].Field.SetValue(value, _members[i].Field.GetValue(fresh));
            }
        }
    }

    private sealed record Member(JsonEncodedText Name, FieldInfo Field, Slot Slot);
}
