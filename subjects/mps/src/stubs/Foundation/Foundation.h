// A stub of Foundation: the root class, strings, arrays, dictionaries, errors and
// numbers, as far as sources that use Metal name them.

#ifndef MPS_STUB_FOUNDATION_H
#define MPS_STUB_FOUNDATION_H

#include <dispatch/dispatch.h>

typedef signed char BOOL;
#define nil ((id)0)
#define Nil ((Class)0)
#define YES ((BOOL)1)
#define NO ((BOOL)0)
typedef long NSInteger;
typedef unsigned long NSUInteger;
typedef double NSTimeInterval;
typedef double CFTimeInterval;
typedef struct {
  NSUInteger location;
  NSUInteger length;
} NSRange;

#define NS_ENUM(type, name) enum name : type name; enum name : type
#define NS_OPTIONS(type, name) enum name : type name; enum name : type

#ifdef __cplusplus
#define NS_EXTERN extern "C"
#else
#define NS_EXTERN extern
#endif

@class NSString;

@protocol NSObject
- (instancetype)retain;
- (oneway void)release;
- (instancetype)autorelease;
- (NSUInteger)retainCount;
- (BOOL)isEqual:(id)object;
- (NSUInteger)hash;
- (NSString *)description;
@end

@protocol NSCopying
@end

__attribute__((objc_root_class))
@interface NSObject <NSObject>
+ (instancetype)alloc;
+ (instancetype)new;
- (instancetype)init;
- (void)dealloc;
- (id)copy;
@end

@interface NSString : NSObject <NSCopying>
@property(readonly) NSUInteger length;
@property(readonly) const char *UTF8String;
+ (instancetype)stringWithUTF8String:(const char *)text;
+ (instancetype)stringWithFormat:(NSString *)format, ...;
- (BOOL)isEqualToString:(NSString *)other;
@end

@interface NSConstantString : NSString
@end

@interface NSNumber : NSObject <NSCopying>
+ (NSNumber *)numberWithInt:(int)value;
+ (NSNumber *)numberWithLong:(long)value;
+ (NSNumber *)numberWithUnsignedLong:(unsigned long)value;
+ (NSNumber *)numberWithDouble:(double)value;
+ (NSNumber *)numberWithBool:(BOOL)value;
- (int)intValue;
@end

@interface NSArray<Element> : NSObject <NSCopying>
@property(readonly) NSUInteger count;
+ (instancetype)array;
+ (instancetype)arrayWithObjects:(const Element *)objects count:(NSUInteger)count;
- (Element)objectAtIndexedSubscript:(NSUInteger)index;
@end

@interface NSMutableArray<Element> : NSArray <Element>
- (void)addObject:(Element)object;
- (void)removeAllObjects;
@end

@interface NSDictionary<Key, Value> : NSObject <NSCopying>
@property(readonly) NSUInteger count;
+ (instancetype)dictionaryWithObjects:(const Value *)objects
                              forKeys:(const Key *)keys
                                count:(NSUInteger)count;
- (Value)objectForKeyedSubscript:(Key)key;
@end

@interface NSMutableDictionary<Key, Value> : NSDictionary <Key, Value>
- (void)setObject:(Value)object forKeyedSubscript:(Key)key;
- (void)removeAllObjects;
@end

@interface NSError : NSObject
@property(readonly) NSInteger code;
@property(readonly) NSString *localizedDescription;
@end

@interface NSURL : NSObject
+ (instancetype)fileURLWithPath:(NSString *)path;
@end

NS_EXTERN void NSLog(NSString *format, ...);

#endif
