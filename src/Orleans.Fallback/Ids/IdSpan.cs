using System.Text;

namespace Orleans.Runtime;

/// <summary>A part of an identity: immutable UTF-8 text.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    // The text is kept decoded, because the fallback compares, prints and stores identities as text.
    private readonly string? _text;

    private IdSpan(string text) => _text = text;

    /// <summary>Creates an identity from UTF-8 bytes.</summary>
    public IdSpan(byte[] value) => _text = Encoding.UTF8.GetString(value);

    /// <summary>Whether this is the default value, which identifies nothing.</summary>
    public bool IsDefault => string.IsNullOrEmpty(_text);

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value => Encoding.UTF8.GetBytes(_text ?? "");

    /// <summary>Creates an identity from text.</summary>
    public static IdSpan Create(string id) => new(id ?? throw new ArgumentNullException(nameof(id)));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => Value.Span;

    /// <inheritdoc/>
    public bool Equals(IdSpan obj) => string.Equals(_text ?? "", obj._text ?? "", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(_text ?? "", StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => string.CompareOrdinal(_text ?? "", other._text ?? "");

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
