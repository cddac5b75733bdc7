using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;

namespace OrleansChat.GrainInterfaces.Tests.Wire;

/// <summary>Makes values of any record, with every member set to something that is not its default.</summary>
internal static class Samples
{
    private const int MaxDepth = 8;

    /// <summary>A value of each class that a value of a type may have.</summary>
    public static IEnumerable<object> Of(Type type)
    {
        var derived = type.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => attribute.DerivedType).ToList();
        return derived.Count > 0 ? derived.Select(one => Make(one, 0)!) : [Make(type, 0)!];
    }

    private static object? Make(Type declared, int depth)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string))
            return "täxt \"1\"\n";
        if (type == typeof(bool))
            return true;
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2026, 2, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(89);
        if (type == typeof(TimeSpan))
            return TimeSpan.FromTicks(1_234_567_891);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1);
        if (type.IsPrimitive || type == typeof(decimal))
            return Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture);
        if (depth >= MaxDepth)
            return null;
        if (type.IsAssignableTo(typeof(IEnumerable)) && (type.IsGenericType || type.IsArray))
            return MakeMany(type, depth);
        if (type.IsAbstract)
            return Make(type.GetCustomAttributes<JsonDerivedTypeAttribute>().First().DerivedType, depth);
        return MakeRecord(type, depth);
    }

    private static object MakeMany(Type type, int depth)
    {
        Type[] arguments = type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments();
        if (arguments.Length == 2)
        {
            var map = (IDictionary)Activator.CreateInstance(type.IsInterface ? typeof(Dictionary<,>).MakeGenericType(arguments) : type)!;
            map.Add(Make(arguments[0], depth + 1)!, Make(arguments[1], depth + 1));
            return map;
        }

        var items = Array.CreateInstance(arguments[0], 2);
        items.SetValue(Make(arguments[0], depth + 1), 0);
        items.SetValue(Make(arguments[0], depth + 1), 1);
        return items.GetType().IsAssignableTo(type) ? items : Activator.CreateInstance(type, items)!;
    }

    private static object MakeRecord(Type type, int depth)
    {
        var constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First();
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, depth + 1))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null))
            property.SetValue(made, Make(property.PropertyType, depth + 1));

        return made;
    }
}
