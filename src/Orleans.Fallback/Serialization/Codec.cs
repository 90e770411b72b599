namespace Orleans.Fallback.Serialization;

/// <summary>Writes and reads the values of one type.</summary>
internal abstract class Codec
{
    /// <summary>Writes a value.</summary>
    /// <param name="writer">The message.</param>
    /// <param name="value">The value.</param>
    /// <param name="name">Writes the type's name; null where the reader knows the type.</param>
    public abstract void Write(MessageWriter writer, object value, Action<MessageWriter>? name);

    /// <summary>Reads a value's object form; the reader stands on the first name after the type's, or at the end.</summary>
    public abstract object ReadObject(ref MessageReader reader, int bracket);

    /// <summary>Reads a value's short form as an array; the reader stands at its beginning.</summary>
    public abstract object ReadArray(ref MessageReader reader, int bracket);
}
